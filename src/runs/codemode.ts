/** One function of the global `codemode`. */
interface CodemodeFunction {
  /** Dotted where nested: `resources.read`. */
  readonly name: string;
  /** Parameters and result, as TypeScript writes them; several where it is overloaded. */
  readonly signature: string | readonly string[];
  readonly doc: string;
}

/** Everything a script finds under `codemode`. The declaration and the list of names are both made from this table. */
const functions = [
  {
    name: 'search',
    signature: '(query: string, options?: { server?: string; limit?: number; offset?: number }): Promise<{ results: { name: string; summary: string; signature: string }[]; total: number; nextOffset?: number }>',
    doc: 'Finds tools by what they do, best first.',
  },
  { name: 'describe', signature: '(names: string | string[], options?: { full?: boolean }): Promise<string>', doc: 'The declarations of the named tools, for example `github.create_issue`. Long texts end in `…`; `full` has them whole.' },
  { name: 'servers', signature: '(): Promise<{ name: string; title: string; tools: number; state: string }[]>', doc: 'The servers there are.' },
  {
    name: 'read',
    signature: "(handle: CodemodeHandle | string, range?: { start?: number; end?: number; as?: 'text' | 'base64' }): Promise<CodemodeBytes>",
    doc: 'Reads bytes `start` (from 0) to `end` (not included; at most 1 MB at once) of what a handle stands for: as text where it is text, else as base64.',
  },
  { name: 'resources.list', signature: '(server: string): Promise<{ uri: string; name: string; title?: string; description?: string; mimeType?: string }[]>', doc: 'The resources a server offers.' },
  {
    name: 'resources.templates',
    signature: '(server: string): Promise<{ uriTemplate: string; name: string; title?: string; description?: string; mimeType?: string }[]>',
    doc: 'The templates of resources a server offers.',
  },
  { name: 'resources.read', signature: '(server: string, uri: string): Promise<any>', doc: 'Reads a resource: its text or parsed JSON, or a handle for bytes.' },
  {
    name: 'resources.complete',
    signature: '(server: string, uriTemplate: string, variable: string, typed: string, given?: { [name: string]: string }): Promise<string[]>',
    doc: 'Values a server proposes for a variable of a template that begins with `typed`; `given` has the other variables.',
  },
  {
    name: 'prompts.list',
    signature: '(server: string): Promise<{ name: string; title?: string; description?: string; arguments: { name: string; description?: string; required?: boolean }[] }[]>',
    doc: 'The prompts a server offers.',
  },
  {
    name: 'prompts.get',
    signature: [
      // A prompt whose name is only known when the script runs.
      '<N extends string>(server: string, name: N & (string extends N ? unknown : never), args?: { [name: string]: string }): Promise<CodemodePrompt>',
      '<S extends keyof CodemodePromptArguments, N extends keyof CodemodePromptArguments[S]>(server: S, name: N, ...args: {} extends CodemodePromptArguments[S][N] ? [args?: CodemodePromptArguments[S][N]] : [args: CodemodePromptArguments[S][N]]): Promise<CodemodePrompt>',
    ],
    doc: 'Fills in a prompt.',
  },
  {
    name: 'prompts.complete',
    signature: [
      '<N extends string>(server: string, name: N & (string extends N ? unknown : never), argument: string, typed: string, given?: { [name: string]: string }): Promise<string[]>',
      '<S extends keyof CodemodePromptArguments, N extends keyof CodemodePromptArguments[S]>(server: S, name: N, argument: keyof CodemodePromptArguments[S][N] & string, typed: string, given?: Partial<CodemodePromptArguments[S][N]>): Promise<string[]>',
    ],
    doc: 'Values a server proposes for an argument of a prompt that begins with `typed`; `given` has the other arguments.',
  },
] as const satisfies readonly CodemodeFunction[];

export type CodemodeName = (typeof functions)[number]['name'];

/** The functions of `codemode`, dotted where nested. */
export const codemodeFunctions: readonly CodemodeName[] = functions.map((entry) => entry.name);

/** TypeScript declaration of the global `codemode` and of the types its functions use. */
export const codemodeDeclaration: string = `/** Stands for bytes that stay outside the script: an image, a file, or a result too large to hand over. */
interface CodemodeHandle {
  readonly handle: string;
  readonly mimeType: string;
  readonly bytes: number;
  /** The beginning, where it is text. */
  readonly preview?: string;
}
/** A part of what a handle stands for: \`text\`, or \`base64\` where it is not text. */
interface CodemodeBytes {
  readonly text?: string;
  readonly base64?: string;
  readonly start: number;
  readonly end: number;
  /** Bytes in all. */
  readonly bytes: number;
}
/** A prompt, filled in: texts as they are, other content as results of tools are. */
interface CodemodePrompt {
  readonly description?: string;
  readonly messages: { readonly role: string; readonly content: any }[];
}
/** What the prompts of each server take; each server's own declarations add to it. */
interface CodemodePromptArguments {}
/** Looking up tools, and what servers offer besides tools. */
declare const codemode: {
${members('', 1)}};
`;

function members(prefix: string, depth: number): string {
  const indent = '  '.repeat(depth);
  const groups = new Set<string>();
  let text = '';
  for (const { name, doc, signature } of functions) {
    if (!name.startsWith(prefix)) continue;
    const [first, ...rest] = name.slice(prefix.length).split('.') as [string, ...string[]];
    if (rest.length === 0) for (const one of typeof signature === 'string' ? [signature] : signature) text += `${indent}/** ${doc} */\n${indent}${first}${one};\n`;
    else if (!groups.has(first)) {
      groups.add(first);
      text += `${indent}readonly ${first}: {\n${members(`${prefix}${first}.`, depth + 1)}${indent}};\n`;
    }
  }
  return text;
}
