import type { TypingsFile } from '../../../src/checker/checker.js';

const verbs = ['list', 'get', 'create', 'update', 'delete', 'search', 'move', 'copy', 'merge', 'close', 'open', 'assign', 'label', 'comment', 'rename', 'export', 'import', 'sync', 'archive', 'restore', 'watch', 'count', 'compare', 'preview', 'publish'];
const nouns = ['issue', 'pull', 'branch', 'page', 'row', 'file', 'board', 'card', 'user', 'team', 'event', 'alert', 'metric', 'build', 'job', 'image', 'order', 'invoice', 'ticket', 'note'];

export interface SyntheticCatalog {
  readonly files: readonly TypingsFile[];
  readonly tools: number;
}

/** A made-up catalog of the size and style of a real one: about 450 characters of declarations a tool. */
export function syntheticCatalog(servers: number, toolsEach: number, revision = 0): SyntheticCatalog {
  const files = Array.from({ length: servers }, (_, server) => {
    const namespace = `server${String(server)}`;
    const tools = Array.from({ length: toolsEach }, (_unused, tool) => toolAt(server, tool));
    const types = tools.map(({ type, noun, verb }) =>
      [
        `  /** What ${verb} takes. */`,
        `  interface ${type}Input {`,
        `    /** The ${noun} that is meant, as it stands in the address of its page. */`,
        `    ${noun}_id: string;`,
        `    /** How the result is ordered. */`,
        `    order?: 'created' | 'updated' | 'title';`,
        `    labels?: string[];`,
        `    options?: { dryRun?: boolean; limit?: number };`,
        `  }`,
        `  interface ${type}Output { id: number; title: string; state: 'open' | 'closed'; items: { path: string; score: number }[]; next?: string }`,
      ].join('\n'),
    );
    const members = tools.map(({ member, type, verb, noun }) => `  /** Lets a script ${verb} one ${noun}; revision ${String(revision)}. */\n  ${member}(args: ${namespace}.${type}Input): Promise<${namespace}.${type}Output>;`);
    return { namespace, text: `declare namespace ${namespace} {\n${types.join('\n')}\n}\ndeclare const ${namespace}: {\n${members.join('\n')}\n};\n` };
  });
  return { files, tools: servers * toolsEach };
}

function toolAt(server: number, tool: number): { readonly member: string; readonly type: string; readonly verb: string; readonly noun: string } {
  const verb = verbs[tool % verbs.length] ?? 'get';
  const noun = nouns[(server + Math.floor(tool / verbs.length)) % nouns.length] ?? 'item';
  const upper = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
  return { member: `${verb}_${noun}`, type: upper(verb) + upper(noun), verb, noun };
}

/** Fifty lines that call 22 tools of the first eight servers; `variant` makes every text a new one. */
export function syntheticScript(variant: number): string {
  const lines = [
    'interface Row { readonly id: number; readonly title: string; note?: string }',
    'const rows: Row[] = [];',
    'const byTitle = new Map<string, Row>();',
    `const wanted: string = 'variant ${String(variant)}';`,
    'function keep(row: Row, note?: string): void {',
    '  rows.push(note === undefined ? row : { ...row, note });',
    '  byTitle.set(row.title, row);',
    '}',
  ];
  for (let call = 0; call < 22; call++) {
    const server = call % 8;
    const { member, noun } = toolAt(server, call);
    const value = `r${String(call)}`;
    const args = `{ ${noun}_id: ${call % 3 === 0 ? '`${wanted}-' + String(call) + '`' : `'id-${String(call)}'`}, order: 'title', labels: ['a', wanted], options: { limit: ${String(call + 1)} } }`;
    lines.push(`const ${value} = await server${String(server)}.${member}(${args});`);
    if (call % 2 === 0) lines.push(`if (${value}.state === 'open') keep({ id: ${value}.id, title: ${value}.title }, ${value}.items.map((item) => item.path).join(', '));`);
  }
  lines.push(
    'const best = [...r0.items, ...r1.items].filter((item) => item.score > 0.5).sort((a, b) => b.score - a.score);',
    'const counts = rows.reduce<Record<string, number>>((sum, row) => {',
    '  sum[row.title] = (sum[row.title] ?? 0) + 1;',
    '  return sum;',
    '}, {});',
    'for (const [title, count] of Object.entries(counts)) {',
    '  if (count > 1) console.log(`${title}: ${count.toFixed(0)}`);',
    '}',
    'return { rows, best: best[0]?.path ?? null, counts };',
  );
  return `${lines.join('\n')}\n`;
}
