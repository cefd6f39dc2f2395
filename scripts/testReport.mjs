// A vitest reporter for scripts/test.mjs: writes what passed and what failed, file by file, to the file named in the
// environment. Vitest's own JSON has neither the errors of hooks nor those outside of tests.
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * What is written.
 * @typedef {{ name: string, error: string }} Failure
 * @typedef {{ files: { file: string, passed: number, failures: Failure[] }[], outside: string[] }} Report `outside` has
 *   the errors that belong to no file
 */
export default class TestReport {
  /** @param {readonly import('vitest/node').TestModule[]} modules */
  onTestRunEnd(modules, unhandled) {
    const report = { files: modules.map(fileOf), outside: unhandled.map(textOf) };
    writeFileSync(process.env.CODE_MODE_TEST_REPORT, JSON.stringify(report));
  }
}

/** @param {import('vitest/node').TestModule} module */
function fileOf(module) {
  const file = path.relative(process.cwd(), module.moduleId);
  const tests = [...module.children.allTests()];
  const failures = [
    ...module.errors().map((error) => ({ name: file, error: textOf(error) })),
    ...[...module.children.allSuites()].flatMap((suite) => suite.errors().map((error) => ({ name: `${file} › ${suite.fullName} (before or after its tests)`, error: textOf(error) }))),
    ...tests.filter((test) => test.result().state === 'failed').map((test) => ({ name: `${file} › ${test.fullName}`, error: (test.result().errors ?? []).map(textOf).join('\n') })),
  ];
  return { file, passed: tests.filter((test) => test.result().state === 'passed').length, failures };
}

const textOf = (error) => [error.stack ?? error.message ?? String(error), ...(error.diff === undefined ? [] : [error.diff])].join('\n');
