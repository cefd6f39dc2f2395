// `npm start`: the real workbench with the extension, a throwaway demo repository, real MCP servers and a scripted model.
//   -- --play      plays the whole scene by itself and ends (also where there is no terminal)
//   -- --no-mcp    the same with the built-in tools alone
//   -- --browser   the workbench from npm in a browser, even where a desktop VS Code is installed
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { demoModel, makeDemo, repository, sentence } from './host/demo.mjs';
import { desktopVscode, openDesktop } from './host/desktop.mjs';
import { playScene } from './host/scene.mjs';
import { startServer } from './host/server.mjs';
import { workbenchUrl } from './host/session.mjs';

const { values: flags } = parseArgs({
  options: { play: { type: 'boolean', default: false }, 'no-mcp': { type: 'boolean', default: false }, browser: { type: 'boolean', default: false } },
});
const say = (line) => console.log(line);

try {
  say('Building the extension.');
  const built = spawnSync(process.execPath, [path.join(repository, 'scripts/build.mjs')], { stdio: 'inherit' });
  if (built.status !== 0) throw new Error('The extension could not be built: see above.');

  const demo = makeDemo({ mcp: !flags['no-mcp'] });
  const extensions = [repository, demoModel];
  if (flags.play || !process.stdout.isTTY) {
    await playScene({ demo, extensions, log: say, artifacts: path.join(repository, 'artifacts') });
    process.exit(0);
  }

  const desktop = flags.browser ? undefined : desktopVscode();
  if (desktop) {
    say(`\nOpening ${desktop} on ${demo.folder}.`);
    tellWhatToType();
    process.exit(await openDesktop(desktop, { folder: demo.folder, extensions, home: demo.place }));
  }
  const server = await startServer({ extensions, log: say });
  const url = workbenchUrl(server, { folder: demo.folder });
  say(`\nVS Code ${server.version} is running. Open this address in a browser:\n\n    ${url}\n`);
  tellWhatToType();
  say('Ctrl+C ends it and removes everything it made.');
  openInBrowser(url);
  setInterval(() => {}, 1 << 30);
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

function tellWhatToType() {
  say(`Say this in the chat view (its model is scripted, no AI and no account are needed):\n\n    ${sentence}\n`);
}

/** Only where somebody sits in front of a screen. */
function openInBrowser(url) {
  const opener = process.platform === 'darwin' ? 'open' : process.env.DISPLAY || process.env.WAYLAND_DISPLAY ? 'xdg-open' : undefined;
  if (opener) spawn(opener, [url], { stdio: 'ignore', detached: true }).once('error', () => undefined).unref();
}
