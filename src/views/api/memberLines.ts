/**
 * Finds the line (from 0) that declares each member of the global `namespace`: inside its block, at the indentation of
 * the block's members, so that a parameter or a word in a comment that has the name of a tool is never taken for it.
 */
export function linesOfMembers(text: string, namespace: string, members: readonly string[]): ReadonlyMap<string, number> {
  const wanted = new Set(members);
  const found = new Map<string, number>();
  const lines = text.split('\n');
  const block = lines.findIndex((line) => line === `declare const ${namespace}: {` || line === `declare namespace ${namespace} {`);
  // A server with types of its own declares its tools in an interface behind them.
  const opening = lines[block]?.startsWith('declare namespace') === true ? lines.findIndex((line, index) => index > block && /^\s*interface Tools \{$/.test(line)) : block;
  if (opening === -1) return found;
  let indent: string | undefined;
  for (let index = opening + 1; index < lines.length; index++) {
    const match = /^(\s*)(?:readonly\s+)?["']?([\p{ID_Start}$_][\p{ID_Continue}$]*)["']?\??\s*[(<:]/u.exec(lines[index] ?? '');
    const [, space, name] = match ?? [];
    if (name === undefined || !wanted.has(name) || found.has(name)) continue;
    indent ??= space;
    if (space === indent) found.set(name, index);
  }
  return found;
}
