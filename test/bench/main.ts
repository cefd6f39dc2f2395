/**
 * `npm run bench -- [name] [--corpus DIR] [--suite DIR] [--quick] [--json]`: figures against a peer or reference
 * measured in the same run. Without a name, every benchmark in turn.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface BenchRow {
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  /** What it was measured against, in the same run. */
  readonly reference?: string;
  readonly ratio?: number;
  readonly bar?: string;
  readonly ok?: boolean;
}

export interface BenchOptions {
  readonly corpus?: string;
  readonly suite?: string;
  readonly quick: boolean;
  readonly log: (text: string) => void;
}

interface Bench {
  readonly name: string;
  readonly describe: string;
  run(options: BenchOptions): Promise<{ readonly rows: readonly BenchRow[] }>;
}

const here = path.dirname(fileURLToPath(import.meta.url));

function optionOf(argv: readonly string[], name: string): string | undefined {
  const at = argv.indexOf(`--${name}`);
  return at === -1 ? undefined : argv[at + 1];
}

const argv = process.argv.slice(2);
const valued = new Set(['--corpus', '--suite']);
const wanted = argv.find((word, at) => !word.startsWith('--') && !valued.has(argv[at - 1] ?? ''));
const names = readdirSync(here).filter((file) => file.endsWith('.mjs') && file !== 'main.mjs').map((file) => file.slice(0, -4)).sort();
if (wanted !== undefined && !names.includes(wanted)) {
  console.error(`There is no benchmark "${wanted}". There are: ${names.join(', ')}.`);
  process.exit(2);
}
const json = argv.includes('--json');
const results: Record<string, readonly BenchRow[]> = {};
for (const name of wanted === undefined ? names : [wanted]) {
  const bench = (await import(pathToFileURL(path.join(here, `${name}.mjs`)).href)) as Bench;
  console.error(`${bench.name}: ${bench.describe}`);
  const { rows } = await bench.run({
    corpus: optionOf(argv, 'corpus'),
    suite: optionOf(argv, 'suite'),
    quick: argv.includes('--quick'),
    log: (text) => console.error(`  ${text}`),
  });
  results[name] = rows;
  if (!json) {
    console.log(`\n## ${bench.name}\n\n| measure | value | reference | ratio | bar | |\n| --- | ---: | --- | ---: | --- | --- |`);
    for (const row of rows) {
      const mark = row.ok === undefined ? '' : row.ok ? 'met' : 'MISSED';
      console.log(`| ${row.measure} | ${round(row.value)} ${row.unit} | ${row.reference ?? ''} | ${row.ratio === undefined ? '' : `${round(row.ratio)} ×`} | ${row.bar ?? ''} | ${mark} |`);
    }
  }
}
if (json) console.log(JSON.stringify(results));
process.exit(0);

function round(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));
}
