import type { ToolDescription } from '../../catalog/source.js';
import type { JsonObject } from '../../json.js';

const object = (properties: JsonObject, required: readonly string[] = Object.keys(properties)): JsonObject => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const array = (items: JsonObject, description?: string): JsonObject => ({ type: 'array', items, ...(description ? { description } : {}) });
const text = (description: string): JsonObject => ({ type: 'string', description });
const integer = (description: string): JsonObject => ({ type: 'integer', minimum: 1, description });

const definitions: JsonObject = {
  Position: object({ line: integer('1-based'), column: integer('1-based') }),
  Range: object({ start: { $ref: '#/$defs/Position' }, end: { $ref: '#/$defs/Position' } }),
  Location: object({ path: { type: 'string' }, range: { $ref: '#/$defs/Range' } }),
  Basis: { enum: ['disk', 'editor', 'staged'], description: 'What was looked at: the disk, an editor with unsaved changes, or staged edits.' },
};
const output = (properties: JsonObject, required?: readonly string[], more: JsonObject = {}): JsonObject => ({
  ...object(properties, required),
  $defs: { ...definitions, ...more },
});
const range: JsonObject = { $ref: '#/$defs/Range' };
const basis: JsonObject = { $ref: '#/$defs/Basis' };

const path = text('File, relative to the workspace folder.');
const place: JsonObject = { path, line: integer('1-based line.'), column: integer('1-based column.') };
const reads = { effect: 'read', annotations: { readOnlyHint: true, openWorldHint: false } } as const;
const stages = { effect: 'staged', annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false } } as const;
const acts = { effect: 'write', annotations: { readOnlyHint: false, openWorldHint: false } } as const;

const symbol: JsonObject = object(
  {
    name: { type: 'string' },
    kind: { type: 'string', description: 'function, class, method, variable, …' },
    detail: { type: 'string' },
    range: { ...range, description: 'The whole declaration.' },
    nameRange: range,
    children: array({ $ref: '#/$defs/Symbol' }),
  },
  ['name', 'kind', 'range', 'nameRange', 'children'],
);
const problem = object(
  {
    severity: { enum: ['error', 'warning', 'information', 'hint'] },
    message: { type: 'string' },
    source: { type: 'string' },
    code: { type: 'string' },
    range,
  },
  ['severity', 'message', 'range'],
);
const stagedFiles = output({ staged: { const: true }, files: array({ type: 'string' }, 'Files with staged edits from this.') });
const taskResult = output(
  {
    name: { type: 'string' },
    exitCode: { type: ['integer', 'null'], description: 'null when it was ended before it could say.' },
    output: { type: ['string', 'null'], description: "null where the task's kind does not let its output be read." },
  },
  ['name', 'exitCode', 'output'],
);

/** What the editor knows, as tools. */
export const analysisTools: readonly ToolDescription[] = [
  {
    name: 'diagnostics',
    description:
      'Problems the editor knows of. Each file says `checked` or `notChecked` with the reason: no problems of a file that was not checked means nothing. Files with staged edits are not checked.',
    inputSchema: object({ paths: array(path, 'Files to check; left out, every file that something has reported on.') }, []),
    outputSchema: output({
      files: array(
        object(
          {
            path: { type: 'string' },
            status: { enum: ['checked', 'notChecked'] },
            reason: text('Why it was not checked.'),
            basis,
            problems: array(problem),
          },
          ['path', 'status', 'basis', 'problems'],
        ),
      ),
    }),
    ...reads,
  },
  {
    name: 'documentSymbols',
    description: 'Functions, classes, variables and so on that a file declares, nested as they are.',
    inputSchema: object({ path }),
    outputSchema: output({ path: { type: 'string' }, basis, symbols: array({ $ref: '#/$defs/Symbol' }) }, undefined, { Symbol: symbol }),
    ...reads,
  },
  {
    name: 'workspaceSymbols',
    description: 'Symbols of the whole workspace whose names match a query.',
    inputSchema: object({ query: text('Part of a name.') }),
    outputSchema: output({
      basis,
      symbols: array(object({ name: { type: 'string' }, kind: { type: 'string' }, container: { type: 'string' }, path: { type: 'string' }, range }, ['name', 'kind', 'path', 'range'])),
    }),
    ...reads,
  },
  {
    name: 'definitions',
    description: 'Where the symbol at a position is defined. Refuses a file with staged edits: its positions are not those the editor knows.',
    inputSchema: object(place),
    outputSchema: output({ basis, locations: array({ $ref: '#/$defs/Location' }) }),
    ...reads,
  },
  {
    name: 'references',
    description: 'Every use of the symbol at a position, its declaration included. Refuses a file with staged edits.',
    inputSchema: object(place),
    outputSchema: output({ basis, locations: array({ $ref: '#/$defs/Location' }) }),
    ...reads,
  },
  {
    name: 'hover',
    description: 'Type and documentation of the symbol at a position, as Markdown. Refuses a file with staged edits.',
    inputSchema: object(place),
    outputSchema: output({ basis, contents: array({ type: 'string' }) }),
    ...reads,
  },
  {
    name: 'codeActions',
    description: 'Quick fixes and refactorings the editor offers for a place. `stageable` says whether applyCodeAction can stage it.',
    inputSchema: object({ ...place, endLine: integer('1-based; the place itself if left out.'), endColumn: integer('1-based.'), kind: text('Only this kind, such as `quickfix` or `refactor.extract`.') }, ['path', 'line', 'column']),
    outputSchema: output({
      basis,
      actions: array(
        object({ title: { type: 'string' }, kind: { type: 'string' }, preferred: { type: 'boolean' }, stageable: { type: 'boolean' }, reason: text('Why it cannot be staged or is disabled.') }, ['title', 'preferred', 'stageable']),
      ),
    }),
    ...reads,
  },
  {
    name: 'applyCodeAction',
    description: 'Stages the edits of one code action, named by its title as codeActions lists it.',
    inputSchema: object({ ...place, endLine: integer('1-based.'), endColumn: integer('1-based.'), title: text('Title of the action.') }, ['path', 'line', 'column', 'title']),
    outputSchema: stagedFiles,
    ...stages,
  },
  {
    name: 'format',
    description: "Stages a file formatted by the editor's formatter for its language.",
    inputSchema: object({ path }),
    outputSchema: stagedFiles,
    ...stages,
  },
  {
    name: 'renameSymbol',
    description: 'Stages the rename of a symbol everywhere it is used. Refuses when any file it touches already has staged edits.',
    inputSchema: object({ ...place, newName: text('The new name.') }),
    outputSchema: stagedFiles,
    ...stages,
  },
  {
    name: 'tasks',
    description: 'Tasks that runTask can run: from tasks.json, package.json scripts and task providers.',
    inputSchema: object({}),
    outputSchema: output({ tasks: array(object({ name: { type: 'string' }, source: { type: 'string' }, group: { type: 'string' } }, ['name', 'source'])) }),
    ...reads,
  },
  {
    name: 'runTask',
    description:
      'Runs a task to its end and returns exit code and output. Needs the real files: with staged edits it first asks for their review, and the script goes on once they are applied.',
    inputSchema: object({ name: text('Name as tasks() lists it.') }),
    outputSchema: taskResult,
    ...acts,
  },
  {
    name: 'runTest',
    description: 'Like runTask, for tests: the named test task, or the only task of the test group (or named "test") if left out.',
    inputSchema: object({ name: text('Name of the test task.') }, []),
    outputSchema: taskResult,
    ...acts,
  },
];
