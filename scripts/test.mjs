// `npm test`: build, lint, unit tests, integration tests in a real extension host, the scene in a real workbench.
//   -- --only unit            one phase (build, lint, unit, integration, e2e; several with commas)
//   -- --filter approvals     integration suites and test files whose names contain it
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
  options: { only: { type: 'string' }, filter: { type: 'string', default: '' }, grep: { type: 'string', default: '' } },
});
const wanted = flags.only?.split(',');
const results = temporaryFolder('code-mode-results-');
const sum = { passed: 0, failed: 0 };
const summary = [];
/** @type {{ phase: string, name: string, error: string }[]} */
const failures = [];

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
await phase('e2e', 'The scene in the real workbench', () => vitest('test/e2e/vitest.config.ts'));

for (const { phase: where, name, error } of failures) console.log(`\nFAILED ${where}: ${name}\n${beginningOf(error)}`);
console.log(`\n${summary.join('\n')}`);
console.log(`${sum.passed} passed, ${sum.failed} failed`);
process.exit(sum.failed > 0 ? 1 : 0);

async function phase(name, title, act) {
  if (wanted && !wanted.includes(name) && name !== 'host') return;
  if (!(wanted && name === 'host')) console.log(`\n== ${title}`);
  const started = Date.now();
  let counted;
  try {
    counted = await act();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(message.split('\n')[0]);
    counted = { failed: 1, failures: [{ name: title, error: message }] };
  }
  failures.push(...(counted.failures ?? []).map((failure) => ({ phase: name, ...failure })));
  sum.passed += counted.passed ?? 0;
  sum.failed += counted.failed ?? 0;
  const result = counted.passed === undefined && !counted.failed ? 'ok' : `${counted.passed ?? 0} passed, ${counted.failed ?? 0} failed`;
  summary.push(`${name.padEnd(12)} ${result} (${Math.round((Date.now() - started) / 1000)} s)`);
}

async function mustSucceed(command, args) {
  let output = '';
  const code = await run(command, args, (data) => (output += data));
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}.\n${output}`);
  return {};
}

/** Tests of one vitest configuration, counted from its JSON report. */
async function vitest(config) {
  const report = path.join(results, `${config.replaceAll('/', '-')}.json`);
  const filter = flags.filter ? [flags.filter] : [];
  const grep = flags.grep ? ['-t', flags.grep] : [];
  const code = await run(process.execPath, [
    path.join(repository, 'node_modules/vitest/vitest.mjs'), 'run', '--config', config,
    '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, '--passWithNoTests', ...filter, ...grep,
  ]);
  if (!existsSync(report)) throw new Error(`The tests of ${config} did not report (exit code ${code}).`);
  const { numPassedTests: passed, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const failures = testResults.flatMap(failuresOf);
  if (failures.length === 0 && code !== 0) failures.push({ name: config, error: `No test failed, but vitest ended with ${code}: an error outside of the tests, which it says above.` });
  return { passed, failed: failures.length, failures };
}

/** What failed in one file of vitest's report. One that cannot be loaded has no failing test, but fails all the same. */
function failuresOf({ name, status, message, assertionResults }) {
  const file = path.relative(repository, name);
  const failed = assertionResults.filter((each) => each.status === 'failed').map(({ fullName, failureMessages }) => ({ name: `${file} › ${fullName}`, error: failureMessages.join('\n') }));
  return failed.length === 0 && status === 'failed' ? [{ name: file, error: message }] : failed;
}

/** The beginning of an error, without colours and without the places in other people's code it passed through. */
function beginningOf(error) {
  const lines = stripVTControlCharacters(error).trimEnd().split('\n').filter((line) => !/^\s+at .*node_modules/.test(line) && !/^\s+at new Promise/.test(line));
  return [...lines.slice(0, 25), ...(lines.length > 25 ? [`… ${lines.length - 25} lines more`] : [])].map((line) => `    ${line}`).join('\n');
}

/** Runs a program, with its output shown as ours, and given to `take` too where that is wanted. Gives its exit code. */
function run(command, args, take) {
  return new Promise((resolve, reject) => {
    const output = take === undefined ? 'inherit' : 'pipe';
    const child = spawn(command, args, { cwd: repository, stdio: ['ignore', output, output], env: { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' } });
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
