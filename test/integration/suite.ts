// Runs inside the extension host: mocha over the test files named in the environment.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';

/** What scripts/host/integration.mjs reads of a suite. */
interface Counted {
  passed: number;
  failed: number;
  skipped: number;
  readonly failures: { readonly name: string; readonly error: string }[];
}

/** Called by VS Code; a rejection is a failed suite. */
export async function run(): Promise<void> {
  const { default: Mocha } = await import('mocha');
  // The launcher of the VS Code from npm prints marked lines alone; on a desktop the mark cannot be seen.
  Mocha.reporters.Base.consoleLog = (...args: unknown[]) => console.log(`\u2063${format(...args)}`);
  const mocha = new Mocha({ ui: 'bdd', color: process.env['CODE_MODE_COLOR'] === '1', timeout: 150_000, slow: 10_000 });
  if (process.env['CODE_MODE_TEST_GREP']) mocha.grep(process.env['CODE_MODE_TEST_GREP']);
  for (const file of (process.env['CODE_MODE_TEST_FILES'] ?? '').split(',').filter(Boolean)) mocha.addFile(path.join(__dirname, file));
  await mocha.loadFilesAsync();
  const counted: Counted = { passed: 0, failed: 0, skipped: 0, failures: [] };
  await new Promise<void>((resolve, reject) => {
    mocha
      .run((failures) => {
        const results = process.env['CODE_MODE_RESULTS'];
        if (results) writeFileSync(results, JSON.stringify(counted));
        if (failures > 0) reject(new Error(`${failures} of the tests failed.`));
        else resolve();
      })
      .on('pass', () => counted.passed++)
      .on('fail', (test, error: Error) => {
        counted.failed++;
        counted.failures.push({ name: test.fullTitle(), error: error.stack ?? String(error) });
      })
      .on('pending', () => counted.skipped++);
  });
}
