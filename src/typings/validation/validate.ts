import { Validator, type SchemaDraft } from '@cfworker/json-schema';
import type { JsonObject, JsonSchema } from '../../json.js';
import { isJsonObject } from '../../json.js';
import { subschemas } from '../keywords.js';
import { isShort } from '../pattern.js';
import { explain, type ArgumentProblem } from './explain.js';
import { sanitised } from './sanitise.js';

/**
 * Validates values against a schema of any draft, without generating code. What no validator can do safely for a
 * stranger's schema is left out: external references, patterns that are wrong or could take for ever, `format` (an
 * annotation). A schema that cannot be used at all validates nothing.
 * @returns the problems of a value, at most ten; none where it fits or nothing can be said.
 */
export function createValidator(schema: JsonSchema): (value: unknown) => readonly ArgumentProblem[] {
  let validator: Validator | undefined;
  let triesNames = false;
  return (value) => {
    try {
      if (validator === undefined) {
        validator = compile(schema);
        triesNames = usesPatternProperties(schema);
      }
      const instance: unknown = value === undefined ? {} : JSON.parse(JSON.stringify(value));
      if (triesNames && hasLongName(instance)) return [];
      const result = validator.validate(instance);
      if (result.valid) return [];
      return explain(result.errors, validator, instance);
    } catch {
      // A schema that refers to itself without end or nests deeper than the stack, a pattern nobody can try: nothing can be said.
      return [];
    }
  };
}

/** Whether it may try patterns on names; generous, since a reference may lead anywhere. */
function usesPatternProperties(schema: JsonSchema): boolean {
  return someObject(schema, (one) => 'patternProperties' in one);
}

/** A name that the engine of JavaScript, which the validator gives names to, may take for ever to match. */
function hasLongName(instance: unknown): boolean {
  return someObject(instance, (one) => Object.keys(one).some((name) => !isShort(name)));
}

function someObject(value: unknown, test: (object: object) => boolean): boolean {
  const seen = new Set<object>();
  const open: unknown[] = [value];
  while (open.length > 0) {
    const one = open.pop();
    if (typeof one !== 'object' || one === null || seen.has(one)) continue;
    seen.add(one);
    if (!Array.isArray(one) && test(one)) return true;
    for (const inner of Object.values(one)) open.push(inner);
  }
  return false;
}

function compile(schema: JsonSchema): Validator {
  const clean = sanitised(schema);
  const validator = new Validator(clean, draftOf(schema), false);
  dropUnresolved(clean, validator);
  return validator;
}

/** The newest draft is the default for MCP (2025-11-25, SEP-1613), and schemas of older ones mean the same there but for `$ref`. */
function draftOf(schema: JsonSchema): SchemaDraft {
  const dialect = isJsonObject(schema) && typeof schema['$schema'] === 'string' ? schema['$schema'] : '';
  // Draft 4 differs only in its flags for exclusive bounds, which are made numbers here.
  return /draft-0[3-7]/.test(dialect) ? '7' : '2020-12';
}

type Resolved = JsonObject & { readonly __absolute_ref__?: string };

function dropUnresolved(schema: JsonSchema, validator: Validator): void {
  if (!isJsonObject(schema)) return;
  const target = (schema as Resolved).__absolute_ref__;
  const lookup = (validator as unknown as { readonly lookup: Record<string, unknown> }).lookup;
  if (target !== undefined && lookup[target] === undefined) delete (schema as { $ref?: unknown }).$ref;
  for (const inner of subschemas(schema)) dropUnresolved(inner, validator);
}
