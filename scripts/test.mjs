// `npm test`: build, lint, unit tests, integration tests in a real extension host, the scene in a real workbench.
//   -- --only unit            one phase (build, lint, unit, integration, e2e; several with commas)
//   -- --filter approvals     integration suites and test files whose names contain it
//   -- --once                 no second try; without this, an integration suite or an e2e file that fails is tried once
//                             more in a fresh VS Code, and the end says so
// Ends with what failed, said once more since the end is what is left of a log that is cut, a line for each phase, and the
// line `N passed, N failed`, counted over all tests of all phases.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { repository } from './host/demo.mjs';
import { runIntegration } from './host/integration.mjs';
import { browserPath } from './host/browser.mjs';
import { temporaryFolder } from './host/server.mjs';
import { vscodeServer } from './host/vscode.mjs';

const { values: flags } = parseArgs({
  options: { only: { type: 'string' }, filter: { type: 'string', default: '' }, grep: { type: 'string', default: '' }, once: { type: 'boolean', default: false } },
});
const wanted = flags.only?.split(',');
const sum = { passed: 0, failed: 0 };
const summary = [];
/** What failed and what failed at first, in a few lines each. */
const faults = [];

// What is tested is what is shipped.
await phase('build', 'Building the extension', () => mustSucceed('node', ['scripts/build.mjs', '--production']));
await phase('lint', 'Types, rules, layers, unused code', () => mustSucceed('npm', ['run', '--silent', 'lint']));
await phase('unit', 'Unit tests in plain Node', () => vitest('vitest.config.mts'));
await phase('host', 'Fetching what the real VS Code needs', async () => {
  if (wanted && !wanted.includes('integration') && !wanted.includes('e2e')) return {};
  await vscodeServer();
  await browserPath();
  return {};
});
await phase('integration', 'Integration tests in the real extension host', () => runIntegration({ ...flags, log: console.log }));
await phase('e2e', 'The scene in the real workbench', () => vitestTwice('test/e2e/vitest.config.ts'));

console.log(`\n${[...faults, ...summary].join('\n')}`);
console.log(`${sum.passed} passed, ${sum.failed} failed`);
process.exit(sum.failed > 0 ? 1 : 0);

async function phase(name, title, act) {
  if (wanted && !wanted.includes(name) && name !== 'host') return;
  if (!(wanted && name === 'host')) console.log(`\n== ${title}`);
  const started = Date.now();
  let result;
  try {
    result = await act();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(message.split('\n')[0]);
    result = { failed: 1, failures: [{ name: title, error: message }] };
  }
  const { passed, failed = 0, failures = [], atSecondTry = [] } = result;
  const told = (word, all) => all.map((failure) => `${word} ${name}: ${failure.name}\n${beginningOf(failure.error)}\n`);
  faults.push(...told('FAILED', failures), ...told('FAILED AT FIRST', atSecondTry.flatMap((each) => each.failures)));
  sum.passed += passed ?? 0;
  sum.failed += failed;
  const outcome = passed === undefined && failed === 0 ? 'ok' : `${passed ?? 0} passed, ${failed} failed`;
  const tries = atSecondTry.map((each) => `\n${' '.repeat(13)}passed on the second try: ${each.name}`);
  summary.push(`${name.padEnd(12)} ${outcome} (${Math.round((Date.now() - started) / 1000)} s)${tries.join('')}`);
}

async function mustSucceed(command, args) {
  let output = '';
  const code = await run(command, args, { take: (data) => (output += data) });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}.\n${output}`);
  return {};
}

/** Tests of one vitest configuration, counted over its files. */
async function vitest(config) {
  return counted(await filesOf(config));
}

/**
 * The same, with files that fail tried a second time in a fresh workbench: what waits for a browser on a machine with
 * other work can fail for no fault of ours, and a fault of ours fails twice.
 */
async function vitestTwice(config) {
  const first = await filesOf(config);
  const failing = [...first].filter(([file, { failures }]) => failures.length > 0 && file !== config);
  if (flags.once || failing.length === 0) return counted(first);
  const names = failing.map(([file]) => file);
  console.log(`\nA second try, in a fresh workbench: ${names.join(', ')}`);
  const second = await filesOf(config, names);
  const passed = failing.filter(([file]) => second.get(file)?.failures.length === 0);
  return { ...counted(new Map([...first, ...second])), atSecondTry: passed.map(([name, { failures }]) => ({ name, failures })) };
}

function counted(files) {
  const failures = [...files.values()].flatMap((each) => each.failures);
  return { passed: [...files.values()].reduce((all, { passed }) => all + passed, 0), failed: failures.length, failures };
}

/** What became of each test file of a vitest configuration, by its path. */
async function filesOf(config, filter = flags.filter ? [flags.filter] : []) {
  const report = path.join(temporaryFolder('code-mode-results-'), 'report.json');
  const grep = flags.grep ? ['-t', flags.grep] : [];
  const code = await run(
    process.execPath,
    [path.join(repository, 'node_modules/vitest/vitest.mjs'), 'run', '--config', config, '--reporter=default', '--reporter=./scripts/testReport.mjs', '--passWithNoTests', ...filter, ...grep],
    { env: { CODE_MODE_TEST_REPORT: report } },
  );
  if (!existsSync(report)) throw new Error(`The tests of ${config} did not report (exit code ${code}).`);
  const { files, outside } = JSON.parse(readFileSync(report, 'utf8'));
  const found = new Map(files.map(({ file, ...result }) => [file, result]));
  if (outside.length > 0) found.set(config, { passed: 0, failures: outside.map((error) => ({ name: `${config} (outside of its tests)`, error })) });
  if (code !== 0 && counted(found).failed === 0) found.set(config, { passed: 0, failures: [{ name: config, error: `Nothing failed, but vitest ended with ${code}.` }] });
  return found;
}

/** The beginning of an error, without colours and without the places in other people's code it passed through. */
function beginningOf(error) {
  const lines = stripVTControlCharacters(error).trimEnd().split('\n').filter((line) => !/^\s+at .*node_modules/.test(line) && !/^\s+at new Promise/.test(line));
  return [...lines.slice(0, 25), ...(lines.length > 25 ? [`… ${lines.length - 25} lines more`] : [])].map((line) => `    ${line}`).join('\n');
}

/** Runs a program, with its output shown as ours, and given to `take` too where that is wanted. Gives its exit code. */
function run(command, args, { take, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const output = take === undefined ? 'inherit' : 'pipe';
    const child = spawn(command, args, { cwd: repository, stdio: ['ignore', output, output], env: { ...process.env, ...env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' } });
    child.stdout?.on('data', take).pipe(process.stdout, { end: false });
    child.stderr?.on('data', take).pipe(process.stderr, { end: false });
    const stop = () => child.kill();
    process.once('exit', stop);
    child.once('error', reject);
    child.once('close', (code) => {
      process.removeListener('exit', stop);
      resolve(code ?? 1);
    });
  });
}
