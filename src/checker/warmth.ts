/**
 * A script that takes TypeScript through what real ones use, so that the first real one finds the code compiled
 * and the declarations parsed. Nothing of it ever runs.
 * @param namespaces those whose declarations should be ready.
 */
export function warmingScript(namespaces: readonly string[]): string {
  return `${namespaces.map((namespace) => `void ${namespace};`).join(' ')}
interface Found { readonly path: string; readonly hits: number[]; note?: string }
const paths: string[] = ['a.ts', 'b.ts'];
const texts = await Promise.all(paths.map(async (path) => ({ path, text: await Promise.resolve(path) })));
const found = new Map<string, Found>();
for (const { path, text } of texts.filter(({ path: name }) => name.endsWith('.ts'))) {
  const hits = [...text.matchAll(/a(?<rest>b)?/g)].map((match) => match.index ?? 0);
  found.set(path, { path, hits, ...(hits.length > 0 ? { note: \`\${String(hits.length)} hits\` } : {}) });
}
try {
  const sorted = [...found.values()].sort((a, b) => b.hits.length - a.hits.length || a.path.localeCompare(b.path));
  const total = sorted.reduce<number>((sum, { hits }) => sum + hits.length, 0);
  if (total === 0) throw new Error('nothing');
  return { total, first: sorted[0]?.note ?? null, json: JSON.parse(JSON.stringify(sorted)) as unknown, keys: Object.entries({ a: 1 }).map(([key, value]) => key + value.toFixed(1)) };
} catch (error) {
  return { error: (error as Error).message, at: new Date(0).toISOString() };
}
`;
}
