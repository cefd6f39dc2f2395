import type { CallContext, CallPreview, FilePreview } from '../../catalog/source.js';
import type { WorkspaceView } from '../../catalog/workspace.js';
import type { JsonObject } from '../../json.js';
import { replacement } from './replacement.js';
import { decode } from './text.js';

type Context = Pick<CallContext, 'workspace' | 'signal'>;
type Look = (args: JsonObject, context: Context) => Promise<CallPreview>;

/** Files of a folder that are shown where all of it would be deleted or moved. */
const mostFiles = 50;
/** Files of a folder that are counted. */
const mostCounted = 1_000;

const looks: Readonly<Record<string, Look>> = {
  write: async (args, { workspace }) => {
    const path = textOf(args, 'path');
    const after = Buffer.from(textOf(args, 'text'));
    const before = (await workspace.peek(path))?.bytes;
    return { files: [{ path: workspace.resolve(path).display, ...(before !== undefined && { before }), after }], shows: ['path', 'text'] };
  },
  create: async (args, { workspace }) => {
    const path = textOf(args, 'path');
    const before = (await workspace.peek(path))?.bytes;
    const file = { path: workspace.resolve(path).display, after: Buffer.from(textOf(args, 'text')) };
    return before === undefined ? { files: [file], shows: ['path', 'text'] } : { files: [{ ...file, before }], shows: ['path', 'text'], note: `It would fail: '${path}' exists already.` };
  },
  replace: async (args, { workspace }) => {
    const path = textOf(args, 'path');
    const before = (await workspace.peek(path))?.bytes;
    if (before === undefined) return { files: [], shows: [], note: `It would fail: '${path}' does not exist.` };
    const { text } = replacement(path, decode(path, before), textOf(args, 'oldText'), textOf(args, 'newText'), args['all'] === true);
    return { files: [{ path: workspace.resolve(path).display, before, after: Buffer.from(text) }], shows: ['path', 'oldText', 'newText'] };
  },
  delete: async (args, { workspace, signal }) => {
    const path = textOf(args, 'path');
    const { files, note } = await filesAt(workspace, path, signal);
    return { files: files.map(({ path: at, bytes }) => ({ path: at, before: bytes })), shows: ['path'], ...(note !== undefined && { note }) };
  },
  rename: async (args, { workspace, signal }) => {
    const [from, to] = [textOf(args, 'from'), textOf(args, 'to')];
    const { files, note } = await filesAt(workspace, from, signal);
    const place = workspace.resolve(from).display;
    const target = workspace.resolve(to).display;
    const moved = files.map(({ path, bytes }): FilePreview => ({ path: `${target}${path.slice(place.length)}`, from: path, before: bytes, after: bytes }));
    const taken = (await workspace.stat(to)) !== undefined;
    return { files: moved, shows: ['from', 'to'], ...(taken ? { note: `It would fail: '${to}' exists already.` } : note !== undefined && { note }) };
  },
};

/** What a call would make of the files of the workspace; what it would be refused for is said in its note. */
export async function previewOf(tool: string, args: JsonObject, context: Context): Promise<CallPreview | undefined> {
  const look = Object.hasOwn(looks, tool) ? looks[tool] : undefined;
  if (look === undefined) return undefined;
  try {
    return await look(args, context);
  } catch (error) {
    context.signal.throwIfAborted();
    return { files: [], shows: [], note: `It would fail: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** The file at a path, or those below it. */
async function filesAt(workspace: WorkspaceView, path: string, signal: AbortSignal): Promise<{ readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[]; readonly note?: string }> {
  const found = await workspace.stat(path);
  if (found === undefined) return { files: [], note: `It would fail: '${path}' does not exist.` };
  if (found.type === 'symlink') return { files: [], note: `'${path}' is a symbolic link; what it points to stays.` };
  const paths: string[] = [];
  const walk = async (directory: string): Promise<void> => {
    for (const entry of await workspace.list(directory)) {
      signal.throwIfAborted();
      if (paths.length >= mostCounted) return;
      if (entry.type === 'directory') await walk(entry.path);
      else paths.push(entry.path);
    }
  };
  if (found.type === 'directory') await walk(found.path);
  else paths.push(found.path);
  const files = [];
  for (const one of paths.slice(0, mostFiles)) files.push({ path: one, bytes: (await workspace.peek(one))?.bytes ?? new Uint8Array() });
  const more = paths.length - files.length;
  return { files, ...(more > 0 && { note: `${paths.length >= mostCounted ? 'Very many' : `${more} more`} files are in '${path}', and not shown here.` }) };
}

function textOf(args: JsonObject, name: string): string {
  const value = args[name];
  if (typeof value !== 'string') throw new Error(`"${name}" must be a string.`);
  return value;
}
