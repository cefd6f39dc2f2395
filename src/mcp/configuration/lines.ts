import { findNodeAtLocation, parseTree } from 'jsonc-parser';

/** The servers a file of another client names, each with the 0-based line its name stands on; also while it is being typed. */
export function serverLines(text: string): readonly { readonly name: string; readonly line: number }[] {
  const root = parseTree(text, [], { allowTrailingComma: true });
  const servers = root?.type === 'object' ? findNodeAtLocation(root, ['mcpServers']) : undefined;
  if (servers?.type !== 'object') return [];
  let line = 0;
  let at = 0;
  return (servers.children ?? []).flatMap((property) => {
    const name: unknown = property.children?.[0]?.value;
    for (let next = text.indexOf('\n', at); next !== -1 && next < property.offset; next = text.indexOf('\n', at)) {
      line++;
      at = next + 1;
    }
    return typeof name === 'string' && name.trim() !== '' ? [{ name, line }] : [];
  });
}
