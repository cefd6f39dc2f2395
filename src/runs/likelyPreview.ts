import type { CallContext, CallPreview } from '../catalog/source.js';
import type { JsonObject } from '../json.js';

const pathNames = /^(absolute_?|target_?|relative_?)?(path|file|file_?path|file_?name|filename)$/i;
const textNames = /^(new_?)?(content|contents|text|file_?text|data)$/i;

/** The file that a server's tool would likely write, going by the names of its arguments. */
export function likelyWrite(args: JsonObject): { readonly path: string; readonly text: string } | undefined {
  const named = (names: RegExp): readonly string[] => Object.entries(args).flatMap(([name, value]) => (names.test(name) && typeof value === 'string' ? [value] : []));
  const [paths, texts] = [named(pathNames), named(textNames)];
  const [path] = paths;
  const [text] = texts;
  return path === undefined || text === undefined || paths.length + texts.length > 2 ? undefined : { path, text };
}

/** What it would likely make of that file. All arguments stay to be seen: what is a guess must not stand in for them. */
export async function likelyPreview(args: JsonObject, { workspace }: Pick<CallContext, 'workspace'>): Promise<CallPreview | undefined> {
  const write = likelyWrite(args);
  if (write === undefined) return undefined;
  try {
    const found = await workspace.peek(write.path);
    // A server sees the disk, and neither what is staged nor what is typed.
    if (found?.basis !== 'disk') return undefined;
    const { display } = workspace.resolve(write.path);
    return { files: [{ path: display, before: found.bytes, after: Buffer.from(write.text) }], shows: [], note: `Going by its arguments, this call writes '${display}'.` };
  } catch {
    // No path of this workspace.
    return undefined;
  }
}
