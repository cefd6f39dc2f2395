import path from 'node:path';
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import type { FileJudgement, ResultProblem } from './judgement.js';

/** Files that are JSON with comments by convention. */
const commented = /(^|[\\/])(tsconfig|jsconfig)[^\\/]*\.json$|\.(jsonc|code-workspace|code-snippets)$|[\\/](\.vscode|\.devcontainer)[\\/][^\\/]+\.json$|(^|[\\/])\.?(eslintrc|swcrc|babelrc)(\.json)?$/i;

export const isJson = (absolute: string): boolean => /\.(json|jsonc|code-workspace|webmanifest)$/i.test(absolute);

/** The syntax of a JSON file. */
export function judgeJson(absolute: string, text: string): FileJudgement {
  const errors: ParseError[] = [];
  const lenient = commented.test(absolute.split(path.sep).join('/'));
  parse(text.replace(/^\ufeff/, ' '), errors, { allowTrailingComma: lenient, disallowComments: !lenient, allowEmptyContent: false });
  const problems = errors.map((error): ResultProblem => {
    const [line, column] = placeOf(text, error.offset);
    return { severity: 'error', message: `${words(printParseErrorCode(error.error))}.`, line, column, endLine: line, endColumn: column + Math.max(1, error.length) };
  });
  return { absolute, status: 'checked', depth: 'syntax', problems };
}

/** `CommaExpected` as `Comma expected`. */
function words(code: string): string {
  const [first = '', ...rest] = code.split(/(?=[A-Z])/);
  return [first, ...rest.map((word) => word.toLowerCase())].join(' ');
}

function placeOf(text: string, offset: number): [number, number] {
  const before = text.slice(0, offset).split('\n');
  return [before.length, (before.at(-1)?.length ?? 0) + 1];
}
