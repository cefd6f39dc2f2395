// `npm run bench -- …`: bundles test/bench into out/bench and runs it. Peers stay outside the bundle.
import { build } from 'esbuild';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const bench = path.join(root, 'test/bench');
const run = (args) => {
  const done = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (done.status !== 0) process.exit(done.status ?? 1);
};
run([path.join(root, 'scripts/build.mjs')]);
const names = readdirSync(bench, { withFileTypes: true }).filter((entry) => entry.isDirectory() && existsSync(path.join(bench, entry.name, 'main.ts'))).map((entry) => entry.name);
await build({
  entryPoints: Object.fromEntries([['main', path.join(bench, 'main.ts')], ...names.map((name) => [name, path.join(bench, name, 'main.ts')])]),
  outdir: path.join(root, 'out/bench'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  logLevel: 'warning',
});
const done = spawnSync(process.execPath, ['--expose-gc', path.join(root, 'out/bench/main.mjs'), ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exit(done.status ?? 1);
