/** A run of characters of one colour in a line of TypeScript. */
export interface Token {
  readonly kind: 'plain' | 'keyword' | 'string' | 'number' | 'comment' | 'call';
  readonly text: string;
}

const keywords =
  'as async await break case catch class const continue default do else enum export extends false finally for from function if import in instanceof interface let new null of return satisfies static super switch this throw true try type typeof undefined var void while with yield';
const pattern = new RegExp(
  [
    String.raw`(?<comment>\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))`,
    String.raw`(?<string>'(?:[^'\\\n]|\\.)*'?|"(?:[^"\\\n]|\\.)*"?|\x60(?:[^\x60\\]|\\[\s\S])*\x60?)`,
    String.raw`(?<number>\b\d[\w.]*)`,
    String.raw`(?<keyword>\b(?:${keywords.replaceAll(' ', '|')})\b)`,
    String.raw`(?<call>\b[A-Za-z_$][\w$]*\.[A-Za-z_$][\w$.]*(?=\s*\())`,
  ].join('|'),
  'g',
);

/** Colours a script for reading: lexical only, so a template's inner expressions stay one string. */
export function highlight(source: string): readonly (readonly Token[])[] {
  const lines: Token[][] = [[]];
  const push = (kind: Token['kind'], text: string): void => {
    for (const [index, part] of text.split('\n').entries()) {
      if (index > 0) lines.push([]);
      if (part !== '') lines.at(-1)?.push({ kind, text: part });
    }
  };
  let end = 0;
  for (const match of source.matchAll(pattern)) {
    push('plain', source.slice(end, match.index));
    const kind = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0] ?? 'plain';
    push(kind as Token['kind'], match[0]);
    end = match.index + match[0].length;
  }
  push('plain', source.slice(end));
  return lines;
}
