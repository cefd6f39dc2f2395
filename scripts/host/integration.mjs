// The integration tests: bundled into out/integration, run by mocha inside a real extension host that
// @vscode/test-electron starts: a desktop VS Code, or through launcher.mjs the one from npm.
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { suites } from '../../test/integration/suites.mjs';
import { demoModel, makeDemo, repository } from './demo.mjs';
import { desktopVscode, hasScreen } from './desktop.mjs';
import { quietSettings, temporaryFolder } from './server.mjs';

const sources = path.join(repository, 'test/integration');
const out = path.join(repository, 'out/integration');

/**
 * Runs every suite, or those whose name or files contain `filter`. One that fails is tried a second time in a fresh host,
 * unless `once`: what starts a VS Code and waits for it on a machine with other work can fail for no fault of ours, and
 * a fault of ours fails twice.
 * @typedef {{ name: string, error: string }} Failure
 * @returns {Promise<{ passed: number, failed: number, failures: Failure[], atSecondTry: { name: string, failures: Failure[] }[] }>}
 */
export async function runIntegration({ filter = '', grep = '', once = false, log }) {
  await bundle();
  const executable = await executablePath(log);
  const sum = { passed: 0, failed: 0, failures: [], atSecondTry: [] };
  for (const suite of suites.filter(({ name, files }) => [name, ...files].some((text) => text.includes(filter)))) {
    log(`\n${suite.name}: ${suite.files.join(', ')}`);
    let counted = await runSuite(suite, { executable, grep, log });
    if (counted.failed > 0 && !once) {
      log(`\nA second try, in a fresh host: ${suite.name}`);
      const { failures } = counted;
      counted = await runSuite(suite, { executable, grep, log });
      if (counted.failed === 0) sum.atSecondTry.push({ name: suite.name, failures });
    }
    sum.passed += counted.passed;
    sum.failed += counted.failed;
    sum.failures.push(...counted.failures);
  }
  return sum;
}

/** One suite in a host and on a workspace of its own. */
async function runSuite(suite, { executable, grep, log }) {
  const place = temporaryFolder('code-mode-suite-');
  const results = path.join(place, 'results.json');
  const userData = path.join(place, 'user');
  mkdirSync(path.join(userData, 'User'), { recursive: true });
  writeFileSync(path.join(userData, 'User/settings.json'), JSON.stringify({ ...quietSettings, ...suite.settings }));
  const { folder, env = {}, ...demo } = suite.workspace(makeDemo);
  let ended = '';
  try {
    await runTests({
      vscodeExecutablePath: executable,
      extensionDevelopmentPath: [repository, demoModel],
      extensionTestsPath: path.join(out, 'suite.js'),
      launchArgs: [...(folder ? [folder] : []), `--user-data-dir=${userData}`, `--extensions-dir=${path.join(place, 'extensions')}`],
      extensionTestsEnv: {
        CODE_MODE_TEST_FILES: suite.files.map((file) => `${file}.test.js`).join(','),
        CODE_MODE_TEST_GREP: grep,
        CODE_MODE_RESULTS: results,
        CODE_MODE_COLOR: process.stdout.isTTY ? '1' : '0',
        CODE_MODE_DEMO: JSON.stringify({ folder, memoryFile: demo.memoryFile, place: demo.place }),
        ...env,
      },
    });
  } catch (error) {
    ended = error.message;
    if (!existsSync(results)) log(`The suite did not report: ${ended}`);
  }
  const counted = existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : { passed: 0, failed: 1, failures: [{ name: 'no report', error: `The suite did not report: ${ended}` }] };
  rmSync(place, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  if (demo.place) rmSync(demo.place, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  return { ...counted, failures: counted.failures.map(({ name, error }) => ({ name: `${suite.name} › ${name}`, error })) };
}

async function bundle() {
  rmSync(out, { recursive: true, force: true });
  await build({
    entryPoints: readdirSync(sources).filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts')).map((file) => path.join(sources, file)),
    outdir: out,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    // As in the extension's own bundles.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    logLevel: 'warning',
  });
}

/** A desktop VS Code where one can be shown, fetched if need be; else the launcher of the one from npm. */
async function executablePath(log) {
  const launcher = fileURLToPath(new URL('./launcher.mjs', import.meta.url));
  const desktop = desktopVscode();
  if (desktop) return desktop;
  if (!hasScreen() || ['npm', 'floor'].includes(process.env.CODE_MODE_VSCODE ?? '')) return launcher;
  try {
    log('Fetching a desktop VS Code for the tests.');
    return await downloadAndUnzipVSCode();
  } catch (error) {
    log(`It could not be fetched (${error.message}); using the VS Code from npm.`);
    return launcher;
  }
}
