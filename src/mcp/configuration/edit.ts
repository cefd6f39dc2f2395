import { applyEdits, findNodeAtLocation, modify, parseTree, type FormattingOptions, type JSONPath } from 'jsonc-parser';
import type { JsonObject, JsonValue } from '../../json.js';
import type { InputDefinition } from './definition.js';
import { insertAfterLast } from './insert.js';

/** A server as it is written to a file. */
export type WrittenServer = JsonObject;

export interface FileEdit {
  /** Content before; empty or `undefined` for a file that does not exist. */
  readonly text: string | undefined;
  readonly format: 'vscode' | 'mcpServers';
  /** True for a `.code-workspace`, where servers stand under `settings.mcp`. */
  readonly workspaceFile?: boolean;
}

function base(edit: FileEdit): JSONPath {
  if (edit.format === 'mcpServers') return ['mcpServers'];
  return edit.workspaceFile === true ? ['settings', 'mcp', 'servers'] : ['servers'];
}

/** The indentation a text has, so that what is added looks like what was there. */
function formatting(text: string): FormattingOptions {
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? '\t';
  return { insertSpaces: !indent.startsWith('\t'), tabSize: indent.startsWith('\t') ? 4 : indent.length, eol: text.includes('\r\n') ? '\r\n' : '\n' };
}

/** Sets what stands at a path. What is new goes after what is there, which keeps its layout. */
function change(text: string, path: JSONPath, value: JsonValue): string {
  const options = formatting(text);
  const root = parseTree(text, [], { allowTrailingComma: true });
  const container = root === undefined ? undefined : findNodeAtLocation(root, path.slice(0, -1));
  const key = path.at(-1);
  if (root !== undefined && container !== undefined && findNodeAtLocation(root, path) === undefined) {
    const unit = options.insertSpaces === true ? ' '.repeat(options.tabSize ?? 2) : '\t';
    const inserted = insertAfterLast(text, container, container.type === 'object' ? String(key) : undefined, value, unit, options.eol ?? '\n');
    if (inserted !== undefined) return inserted;
  }
  return applyEdits(text, modify(text, path, value, { formattingOptions: options }));
}

/** A name that is not taken: the wished-for one, or with a number. */
export function freeName(edit: FileEdit, wish: string): string {
  const root = edit.text === undefined ? undefined : parseTree(edit.text, [], { allowTrailingComma: true });
  const taken = (name: string): boolean => root !== undefined && findNodeAtLocation(root, [...base(edit), name]) !== undefined;
  let name = wish;
  for (let count = 2; taken(name); count++) name = `${wish}-${count}`;
  return name;
}

/**
 * Adds a server to a configuration file, or replaces the one of that name; comments and everything else stay as they are.
 * Inputs its definition asks for are added where they are not there yet.
 */
export function addServer(edit: FileEdit, name: string, definition: WrittenServer, inputs: readonly InputDefinition[] = []): string {
  let text = edit.text === undefined || edit.text.trim() === '' ? '{}' : edit.text;
  text = change(text, [...base(edit), name], definition);
  if (edit.format === 'mcpServers') return ended(text);
  const where = [...base(edit).slice(0, -1), 'inputs'];
  for (const { id, type, ...rest } of inputs) {
    const root = parseTree(text, [], { allowTrailingComma: true });
    const list = root === undefined ? undefined : findNodeAtLocation(root, where);
    const known = list?.children?.some((node) => findNodeAtLocation(node, ['id'])?.value === id) === true;
    if (known) continue;
    const written: JsonObject = JSON.parse(JSON.stringify({ type, id, ...rest, password: rest.password ? true : undefined })) as JsonObject;
    text = list === undefined ? change(text, where, [written]) : change(text, [...where, list.children?.length ?? 0], written);
  }
  return ended(text);
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
