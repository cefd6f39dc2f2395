import type { ToolDescription } from '../../catalog/source.js';
import type { JsonObject } from '../../json.js';

const object = (properties: JsonObject, required: readonly string[] = Object.keys(properties)): JsonObject => ({ type: 'object', properties, required, additionalProperties: false });
const array = (items: JsonObject, description?: string): JsonObject => ({ type: 'array', items, ...(description === undefined ? {} : { description }) });
const text = (description: string): JsonObject => ({ type: 'string', description });
const count = (description: string, more: JsonObject = {}): JsonObject => ({ type: 'integer', minimum: 1, description, ...more });

const path = text('Relative to the workspace folder, `/`-separated; in a multi-root workspace it begins with the folder\'s name.');
const basis: JsonObject = { enum: ['disk', 'editor', 'staged'], description: 'Where it stands: the disk, an editor with unsaved changes, or staged edits.' };
const globs: JsonObject = { anyOf: [{ type: 'string' }, array({ type: 'string' })] };
const reads = { effect: 'read', annotations: { readOnlyHint: true, openWorldHint: false } } as const;
const stages = { effect: 'staged', annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false } } as const;
const staged = (more: JsonObject = {}): JsonObject => object({ staged: { const: true }, path: { type: 'string' }, ...more });

/** The files of the workspace, as tools. */
export const repoTools: readonly ToolDescription[] = [
  {
    name: 'list',
    description: 'Files and folders directly inside a folder.',
    inputSchema: object({ path: { ...path, default: '' } }, []),
    outputSchema: object({ entries: array(object({ path: { type: 'string' }, type: { enum: ['file', 'directory', 'symlink'] }, size: { type: 'integer', description: 'Bytes.' }, basis })) }),
    ...reads,
  },
  {
    name: 'glob',
    description: 'Paths of the files that match a glob (`**`, `*`, `?`, `{a,b}`, `[ab]`), in order. Leaves out what .gitignore files name and `.git`.',
    inputSchema: object(
      { pattern: { ...globs, description: 'Such as `src/**/*.ts`.' }, exclude: { ...globs, description: 'Left out of the matches.' }, limit: count('Most paths to return.', { default: 10_000 }) },
      ['pattern'],
    ),
    outputSchema: object({ paths: array({ type: 'string' }), truncated: { type: 'boolean', description: 'There are more than were returned.' } }),
    ...reads,
  },
  {
    name: 'read',
    description: 'Text of a file, whole or some lines. Sees staged edits and unsaved text of open editors.',
    inputSchema: object({ path, startLine: count('First line, 1-based.'), endLine: count('Last line, included.') }, ['path']),
    outputSchema: object({
      path: { type: 'string' },
      text: { type: 'string' },
      basis,
      dirty: { type: 'boolean', description: 'An open editor has unsaved changes of it.' },
      startLine: { type: 'integer' },
      endLine: { type: 'integer' },
      totalLines: { type: 'integer' },
    }),
    ...reads,
  },
  {
    name: 'search',
    description:
      'Lines of text files that match. Leaves out ignored files, binary files and files over 10 MB. Regular expressions are RE2: Perl-like, without look-around and backreferences, matched line by line.',
    inputSchema: object(
      {
        pattern: text('Text to find, or a regular expression with `regex`.'),
        regex: { type: 'boolean', default: false },
        caseSensitive: { type: 'boolean', default: true },
        include: { ...globs, description: 'Only files that match, such as `**/*.ts`.' },
        exclude: { ...globs, description: 'Not files that match.' },
        contextLines: { type: 'integer', minimum: 0, maximum: 20, default: 0, description: 'Lines before and after each match.' },
        limit: count('Most matches to return.', { default: 1_000, maximum: 50_000 }),
      },
      ['pattern'],
    ),
    outputSchema: object({
      matches: array(
        object({
          path: { type: 'string' },
          line: { type: 'integer', description: '1-based.' },
          column: { type: 'integer', description: '1-based column of the first match in the line.' },
          text: { type: 'string', description: 'The line; very long lines are cut around the match.' },
          before: array({ type: 'string' }),
          after: array({ type: 'string' }),
          basis,
        }),
      ),
      truncated: { type: 'boolean', description: 'There are more matches than were returned, or more files than are read for one search.' },
    }),
    ...reads,
  },
  {
    name: 'write',
    description: 'Stages the whole new text of a file, which may exist or not.',
    inputSchema: object({ path, text: text('The whole text.') }),
    outputSchema: staged(),
    ...stages,
  },
  {
    name: 'create',
    description: 'Stages a new file. Fails when it exists.',
    inputSchema: object({ path, text: text('The whole text.') }),
    outputSchema: staged(),
    ...stages,
  },
  {
    name: 'replace',
    description: 'Stages a file with one exact text replaced. Fails when the text is not there, or is there more than once without `all`.',
    inputSchema: object({ path, oldText: { ...text('Exact text, white space included; long enough to be unique.'), minLength: 1 }, newText: text('What takes its place.'), all: { type: 'boolean', default: false, description: 'Replace every occurrence.' } }, ['path', 'oldText', 'newText']),
    outputSchema: staged({ replaced: { type: 'integer', description: 'How many occurrences.' } }),
    ...stages,
  },
  {
    name: 'rename',
    description: 'Stages the move of a file or folder. Fails when the target exists.',
    inputSchema: object({ from: path, to: path }),
    outputSchema: object({ staged: { const: true }, from: { type: 'string' }, to: { type: 'string' } }),
    ...stages,
  },
  {
    name: 'delete',
    description: 'Stages the removal of a file or folder.',
    inputSchema: object({ path }),
    outputSchema: staged(),
    ...stages,
  },
];
