// Opens the real workbench on a folder, performs steps and saves pictures. For looking at what was built:
//
//   node scripts/host/shot.mjs --folder DIR [--extension DIR]… [--steps FILE.mjs] [--theme dark|light|contrast] [--out PNG]
//
// The steps file exports `default async ({ workbench, page, shot, log }) => { … }`; `shot('name')` saves a picture into
// artifacts/. Without steps, one picture of the workbench is saved. `--extension` defaults to this repository and the
// scripted demo model; a step can use every method of scripts/host/workbench.mjs.
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { openWorkbench } from './session.mjs';
import { temporaryFolder } from './server.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');
const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    extension: { type: 'string', multiple: true },
    steps: { type: 'string' },
    theme: { type: 'string', default: 'dark' },
    out: { type: 'string', default: 'artifacts/shot.png' },
    settings: { type: 'string', default: '{}' },
    console: { type: 'boolean', default: false },
  },
});
const folder = values.folder ? path.resolve(values.folder) : temporaryFolder('code-mode-folder-');
const extensions = (values.extension ?? [root, path.join(root, 'test/fixtures/model')]).map((extension) => path.resolve(extension));
const log = (line) => console.log(line);

const workbench = await openWorkbench({
  folder,
  extensions,
  theme: values.theme,
  settings: JSON.parse(values.settings),
  log,
  onConsole: values.console ? log : undefined,
});
let failed = false;
try {
  const shot = async (name) => log(`saved ${await workbench.screenshot(path.join(root, 'artifacts', `${name}.png`))}`);
  if (values.steps) await (await import(pathToFileURL(path.resolve(values.steps)).href)).default({ workbench, page: workbench.page, shot, log });
  else await workbench.page.waitForTimeout(8000);
} catch (error) {
  failed = true;
  console.error(error);
} finally {
  log(`saved ${await workbench.screenshot(values.out)}`);
  await workbench.close();
}
process.exit(failed ? 1 : 0);
