import { isJsonObject, type JsonSchema, type JsonValue } from '../json.js';
import { createValidator } from '../typings/validation/validate.js';

export type Issues = readonly { readonly path: string; readonly message: string }[];

const longestValue = 300;

/** One compiled validator a schema: a loop calls the same tool thousands of times. */
export class Validators {
  private readonly compiled = new WeakMap<object, (value: unknown) => Issues>();

  validate(schema: JsonSchema, value: unknown): Issues {
    if (!isJsonObject(schema)) return schema === false ? [{ path: '', message: 'Nothing is accepted here.' }] : [];
    let validator = this.compiled.get(schema);
    if (validator === undefined) this.compiled.set(schema, (validator = createValidator(schema)));
    return validator(value);
  }
}

/** The issues in one sentence each, with place and value: `title: expected a string, got 5`. */
export function issuesText(issues: Issues, value: JsonValue): string {
  return issues
    .slice(0, 5)
    .map(({ path, message }) => {
      const found = valueAt(value, path);
      const shown = found === undefined || message.includes(found) ? '' : ` (value: ${found})`;
      return `${path === '' ? '' : `${path}: `}${message}${shown}`;
    })
    .join('\n');
}

function valueAt(value: JsonValue, path: string): string | undefined {
  let found: JsonValue | undefined = value;
  for (const member of path.split(/[./[\]]+/).filter((part) => part !== '')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, member)) return undefined;
    found = (found as { readonly [key: string]: JsonValue })[member];
  }
  const text = JSON.stringify(found);
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}
