#!/usr/bin/env node
// Takes the arguments of a desktop VS Code and does in the VS Code from npm what that would do: opens the folder with
// the extensions under development, runs the tests module in the extension host, prints its console, exits with its
// code. This is what @vscode/test-electron starts where there is no desktop VS Code.
import { format } from 'node:util';
import { chromium } from 'playwright-core';
import { browserArguments, browserPath } from './browser.mjs';
import { startServer } from './server.mjs';
import { workbenchUrl } from './session.mjs';

/** Longest time a suite may take; a host that hangs must not hang a CI job. */
const patience = Number(process.env.CODE_MODE_SUITE_TIMEOUT ?? 8 * 60_000);
/** An invisible separator that test/integration/suite.ts puts before what it prints. */
const mark = '\u2063';

const extensions = [];
let folder;
let testsPath;
let userData;
let extensionsDirectory;
for (const argument of process.argv.slice(2)) {
  const [, name, value] = /^--([\w-]+)(?:=(.*))?$/s.exec(argument) ?? [];
  if (name === undefined) folder = argument;
  else if (name === 'extensionDevelopmentPath') extensions.push(value);
  else if (name === 'extensionTestsPath') testsPath = value;
  else if (name === 'user-data-dir') userData = value;
  else if (name === 'extensions-dir') extensionsDirectory = value;
  // The rest concerns windows, updates and the like, which a server has not.
}
if (!testsPath) {
  console.error('launcher.mjs runs extension tests: it needs --extensionTestsPath=<module>.');
  process.exit(2);
}

// The page keeps one extension under development and forgets the others: those are installed instead.
const [developed, ...installed] = extensions;
const server = await startServer({ userData, extensionsDirectory, extensions: installed, smokeTestDriver: true, log: (line) => console.error(line) });
const browser = await chromium.launch({ executablePath: await browserPath({ log: (line) => console.error(line) }), args: browserArguments });
let ended = false;
const end = async (code) => {
  if (ended) return;
  ended = true;
  clearTimeout(deadline);
  await browser.close().catch(() => undefined);
  await server.close();
  process.exit(code);
};
const deadline = setTimeout(() => {
  console.error(`The tests did not end within ${Math.round(patience / 60_000)} minutes.`);
  void end(1);
}, patience);

const page = await (await browser.newContext()).newPage();
// The workbench logs a great deal here, most of it on accounts and networks that are not there. Shown are the lines that
// the test runner marks as its own, and errors that name us.
await page.exposeFunction('codeAutomationLog', (level, args) => {
  const text = format(...args);
  if (text.includes(mark)) console.log(text.replaceAll(mark, ''));
  else if (level === 'error' && /code-mode|codemode/i.test(text) && !/open-vsx/.test(text)) console.error(text);
});
await page.exposeFunction('codeAutomationExit', (code) => void end(code));
page.on('crash', () => {
  console.error('The browser page crashed.');
  void end(1);
});
browser.on('disconnected', () => void end(1));
// The page may take long on a machine with other work; how long all of it may take is said above.
await page.goto(workbenchUrl(server, { folder: folder?.endsWith('.code-workspace') ? undefined : folder, workspace: folder?.endsWith('.code-workspace') ? folder : undefined, extensions: developed === undefined ? [] : [developed], testsPath }), { waitUntil: 'domcontentloaded', timeout: patience });
