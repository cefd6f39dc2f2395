import type { JsonSchema } from '../json.js';

/** One schema as a named type: declarations, and the name that stands for it after them. */
export function declareType(name: string, _schema: JsonSchema): { readonly declarations: string; readonly typeName: string } {
  return { declarations: `type ${name} = unknown;\n`, typeName: name };
}
