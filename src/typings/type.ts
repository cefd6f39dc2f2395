import type { JsonSchema } from '../json.js';
import { isJsonObject } from '../json.js';
import { compose } from './composer.js';
import { SchemaDocument } from './document.js';
import { Printer } from './printer.js';
import { Reader } from './reader.js';
import { atOnce } from './steps.js';
import { TypeTable } from './typeTable.js';

/** One schema as a named type: declarations, and the name that stands for it after them. */
export function declareType(name: string, schema: JsonSchema): { readonly declarations: string; readonly typeName: string } {
  const table = new TypeTable();
  const printer = new Printer(new Reader(new SchemaDocument(schema)), table, { purpose: 'input', unchecked: 'unknown', docs: true });
  const root = printer.type([schema], `${name}Value`);
  const { texts, types } = atOnce(compose(table, [root], { taken: [name] }));
  const doc = isJsonObject(schema) ? printer.comment([schema]).trim() : '';
  const lines = [...types.map((type) => `${type.comment === '' ? '' : `${type.comment}\n`}type ${type.name} = ${type.text};\n`)];
  return { declarations: `${lines.join('')}${doc === '' ? '' : `${doc}\n`}type ${name} = ${texts[0]!};\n`, typeName: name };
}
