// `npm run interleavings`: the models of runs, policy and staging, searched together beyond what a build has time for.
//   -- --least 100000    ends after this many interleavings of all of them, each of a world of its own
//   -- --seconds 120     one round; every round looks at new worlds
// A counterexample is printed with the seed and path that show it again, and ends the search with exit code 1.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { repository } from './host/demo.mjs';
import { temporaryFolder } from './host/server.mjs';

const { values: flags } = parseArgs({ options: { least: { type: 'string', default: '100000' }, seconds: { type: 'string', default: '120' } } });
const models = ['test/unit/runs/model.test.ts', 'test/unit/changes/model.test.ts', 'test/unit/changes/modelOnDisk.test.ts'];
const tally = path.join(temporaryFolder('code-mode-interleavings-'), 'tally.jsonl');
const started = Date.now();

let code = 0;
for (let round = 1; code === 0 && total() < Number(flags.least); round++) {
  code = await search();
  console.log(`round ${round}: ${total().toLocaleString('en')} interleavings after ${Math.round((Date.now() - started) / 1000)} s`);
}
for (const [name, count] of counts()) console.log(`${count.toLocaleString('en').padStart(10)}  ${name}`);
console.log(`${total().toLocaleString('en').padStart(10)}  together; ${code === 0 ? 'no counterexample' : 'a counterexample: see above'}`);
process.exit(code);

function counts() {
  const found = new Map();
  if (!existsSync(tally)) return found;
  for (const line of readFileSync(tally, 'utf8').split('\n').filter(Boolean)) {
    const { name, interleavings } = JSON.parse(line);
    found.set(name, (found.get(name) ?? 0) + interleavings);
  }
  return found;
}

function total() {
  return [...counts().values()].reduce((sum, count) => sum + count, 0);
}

function search() {
  const env = { ...process.env, CODE_MODE_MODEL_MS: String(Number(flags.seconds) * 1000), CODE_MODE_MODEL_TALLY: tally };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(repository, 'node_modules/vitest/vitest.mjs'), 'run', '--bail=1', ...models], { cwd: repository, env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('close', (ended) => resolve(ended ?? 1));
  });
}
