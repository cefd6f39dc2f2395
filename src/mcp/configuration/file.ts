import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import path from 'node:path';
import type { ConfigurationPlace } from '../ports.js';
import type { ConfigurationProblem } from '../servers.js';
import type { ConfiguredServer, InputDefinition } from './definition.js';
import { readEntry, readInput } from './entry.js';
import { member, valueOf } from './nodes.js';

/** A configuration file and what is known of where it stands. */
export interface ConfigurationFile {
  readonly path: string;
  readonly label: string;
  readonly format: 'vscode' | 'mcpServers';
  readonly folder?: { readonly name: string; readonly path: string };
  readonly elsewhere?: ConfigurationPlace['elsewhere'];
}

export interface FileContents {
  readonly servers: readonly ConfiguredServer[];
  readonly problems: readonly ConfigurationProblem[];
  /** The text was not JSON: what was read of it is what could be saved. */
  readonly malformed: boolean;
}

const reasons: Readonly<Record<string, string>> = {
  InvalidSymbol: 'Unexpected text.',
  InvalidNumberFormat: 'Not a number.',
  PropertyNameExpected: 'A property name in double quotes was expected.',
  ValueExpected: 'A value was expected.',
  ColonExpected: 'A colon was expected.',
  CommaExpected: 'A comma was expected.',
  CloseBraceExpected: 'A closing brace was expected.',
  CloseBracketExpected: 'A closing bracket was expected.',
  EndOfFileExpected: 'Nothing more was expected after the end of the object.',
  UnexpectedEndOfString: 'The string does not end.',
  UnexpectedEndOfComment: 'The comment does not end.',
  InvalidEscapeCharacter: 'This escape is not one JSON knows.',
  InvalidCharacter: 'This character must be escaped.',
};

/** Positions of offsets in one text. */
class Lines {
  private readonly starts: number[] = [0];

  constructor(text: string) {
    for (let index = text.indexOf('\n'); index !== -1; index = text.indexOf('\n', index + 1)) this.starts.push(index + 1);
  }

  at(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low, column: offset - this.starts[low]! };
  }
}

function serversNode(file: ConfigurationFile, root: Node): { servers: Node | undefined; inputs: Node | undefined; sandbox: Node | undefined } {
  if (file.format === 'mcpServers') return { servers: member(root, 'mcpServers'), inputs: undefined, sandbox: undefined };
  const base = file.path.endsWith('.code-workspace') ? member(member(root, 'settings'), 'mcp') : root;
  return { servers: member(base, 'servers'), inputs: member(base, 'inputs'), sandbox: member(base, 'sandbox') };
}

/** Reads the text of a configuration file: JSON with comments and trailing commas. Never throws. */
export function readConfiguration(file: ConfigurationFile, text: string): FileContents {
  const problems: ConfigurationProblem[] = [];
  const lines = new Lines(text);
  const add = (offset: number, length: number, message: string): void => {
    const start = lines.at(offset);
    const end = lines.at(offset + length);
    problems.push({ file: file.path, message, line: start.line, column: start.column, endLine: end.line, endColumn: end.column });
  };
  const complain = (node: Node, message: string): void => add(node.offset, node.length, message);
  if (text.trim() === '') return { servers: [], problems, malformed: false };

  const errors: ParseError[] = [];
  const root = parseTree(text.charCodeAt(0) === 0xfeff ? ` ${text.slice(1)}` : text, errors, { allowTrailingComma: true, disallowComments: false });
  for (const error of errors) add(error.offset, error.length, reasons[printParseErrorCode(error.error)] ?? 'This is not valid JSON.');
  if (root?.type !== 'object') {
    if (root !== undefined) complain(root, `An object with "${file.format === 'vscode' ? 'servers' : 'mcpServers'}" was expected.`);
    return { servers: [], problems, malformed: errors.length > 0 };
  }

  const nodes = serversNode(file, root);
  const inputs = new Map<string, InputDefinition>();
  if (nodes.inputs !== undefined && nodes.inputs.type !== 'array') complain(nodes.inputs, '"inputs" must be a list.');
  for (const node of nodes.inputs?.type === 'array' ? (nodes.inputs.children ?? []) : []) {
    const input = readInput(node, complain);
    if (input !== undefined) inputs.set(input.id, input);
  }
  if (nodes.servers !== undefined && nodes.servers.type !== 'object') complain(nodes.servers, 'An object was expected: the name of each server and its definition.');

  const servers = new Map<string, ConfiguredServer>();
  const variables = path.basename(file.path) !== '.mcp.json';
  for (const property of nodes.servers?.type === 'object' ? (nodes.servers.children ?? []) : []) {
    const [key, value] = property.children ?? [];
    // Half a definition, while somebody types or after a slip: not one to start.
    const broken = errors.some((error) => error.offset >= property.offset && error.offset <= property.offset + property.length);
    if (key === undefined || value === undefined || broken) continue;
    const name = key.value as string;
    if (name.trim() === '') {
      complain(key, 'A server needs a name.');
      continue;
    }
    if (servers.has(name)) complain(key, `"${name}" is defined twice; the last one counts.`);
    const definition = readEntry(value, valueOf(nodes.sandbox), complain);
    if (definition === undefined || definition === 'disabled') continue;
    const notices: string[] = [];
    if (!variables && JSON.stringify(definition).includes('${')) notices.push('Variables (${…}) mean nothing in .mcp.json and are passed on as they are; use .vscode/mcp.json for them.');
    servers.set(name, {
      name,
      definition,
      inputs,
      origin: { file: file.path, label: file.label, line: lines.at(key.offset).line },
      variables,
      notices,
      ...(file.folder === undefined ? {} : { folder: file.folder }),
      ...(file.elsewhere === undefined || definition.transport !== 'stdio' ? {} : { outOfReach: file.elsewhere.reason }),
    });
  }
  return { servers: [...servers.values()], problems, malformed: errors.length > 0 };
}
