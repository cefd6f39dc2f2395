import type { JsonSchema, JsonValue } from '../../../src/json.js';
import { declareServer, type ToolToDeclare } from '../../../src/typings/server.js';
import { declareType } from '../../../src/typings/type.js';
import { nameMembers } from '../../../src/catalog/names.js';
import { judge } from '../../bench/typings/compile.js';

export interface Judged {
  readonly text: string;
  /** First error of the declarations themselves. */
  readonly broken: string | undefined;
  /** Values that the type takes, as fresh literals. */
  readonly accepted: readonly JsonValue[];
  readonly rejected: readonly JsonValue[];
}

/** What the compiler, strict, makes of values for schemas; all in one program. */
export function judgeSchemas(cases: readonly { readonly schema: JsonSchema; readonly values: readonly JsonValue[] }[]): readonly Judged[] {
  const types = cases.map(({ schema }) => declareType('Probe', schema));
  const verdicts = judge(
    cases.map(({ values }, index) => ({
      declarations: `${types[index]!.declarations}declare function probe(value: ${types[index]!.typeName}): void;`,
      statements: values.map((value) => `probe(${JSON.stringify(value)});`),
    })),
  );
  return cases.map(({ values }, index) => {
    const { broken, errors } = verdicts[index]!;
    return {
      text: types[index]!.declarations,
      broken,
      accepted: values.filter((_, at) => errors[at] === undefined),
      rejected: values.filter((_, at) => errors[at] !== undefined),
    };
  });
}

export function toolOf(name: string, inputSchema: JsonSchema, more: Partial<ToolToDeclare> = {}): ToolToDeclare {
  return { name, member: nameMembers([name])[0]!, inputSchema, ...more };
}

export function declared(...tools: readonly ToolToDeclare[]): string {
  return declareServer({ namespace: 'shop', tools }).text;
}

/** What the compiler finds wrong with statements after the declarations; the declarations themselves must be right. */
export function errorsIn(declarations: string, ...statements: readonly string[]): readonly string[] {
  const [verdict] = judge([{ declarations: `type Unchecked = any;\n${declarations}`, statements }]);
  if (verdict!.broken !== undefined) throw new Error(`${verdict!.broken}\n${declarations}`);
  return verdict!.errors.filter((error) => error !== undefined);
}
