// Which test files run in which host: one VS Code a suite, each on a workspace of its own.
// `workspace(makeDemo)` makes it and says what the tests must know of it, as environment; `settings` are the user's.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const fixture = fileURLToPath(new URL('../fixtures/mcp/stdio.mjs', import.meta.url));
const authority = fileURLToPath(new URL('../fixtures/mcp/private-ca', import.meta.url));
const certificates = { CODE_MODE_SERVER_PEM: path.join(authority, 'server.pem'), CODE_MODE_SELF_SIGNED: path.join(authority, '../self-signed.pem'), CODE_MODE_FIXTURE: fixture };
/** A port that is free now: what must be known before the host that listens on it is there. */
const freePort = () => execFileSync(process.execPath, ['-e', `const server = require('node:net').createServer().listen(0, '127.0.0.1', () => { console.log(server.address().port); server.close(); })`], { encoding: 'utf8' }).trim();
const servers = (entries) => JSON.stringify({ servers: entries }, undefined, 2);

export const suites = [
  {
    name: 'demo workspace with two MCP servers',
    files: ['activation', 'changes', 'review', 'history', 'hostileScripts'],
    workspace: (makeDemo) => makeDemo(),
  },
  {
    name: 'analysis and tasks',
    files: ['analysis'],
    workspace: (makeDemo) => makeDemo({ mcp: false }),
  },
  {
    name: 'servers that come, change and go',
    files: ['typings', 'inspect'],
    workspace: (makeDemo) => ({ ...makeDemo({ mcp: servers({ first: { command: 'node', args: [fixture, 'plain'] } }) }), env: { CODE_MODE_FIXTURE: fixture } }),
  },
  {
    name: 'an mcp.json with mistakes',
    files: ['configuration'],
    workspace: (makeDemo) => makeDemo({ mcp: '{\n  "servers": {\n    "fine": { "command": "node", "args": ["--version"] },\n    "empty": {},\n    "odd": { "command": 7 }\n  }\n}\n' }),
  },
  {
    name: 'files of other clients',
    files: ['clients', 'remoteWindow'],
    workspace: (makeDemo) => {
      const demo = makeDemo({ mcp: false });
      writeFileSync(path.join(demo.folder, '.mcp.json'), '{\n  "mcpServers": {\n    "first": { "command": "node", "args": ["--version"] }\n  }\n}\n');
      mkdirSync(path.join(demo.folder, '.cursor'));
      return demo;
    },
  },
  {
    name: 'servers that VS Code knows, and one it does not',
    files: ['native'],
    workspace: (makeDemo) => {
      const demo = makeDemo({ mcp: servers({ both: { command: 'node', args: [fixture, 'plain'] } }) });
      mkdirSync(path.join(demo.folder, '.cursor'));
      const only = { command: 'node', args: [fixture, 'plain'], env: { NATIVE_TOKEN: 'integration-secret-of-the-native-server' } };
      writeFileSync(path.join(demo.folder, '.cursor', 'mcp.json'), JSON.stringify({ mcpServers: { only } }));
      return demo;
    },
    settings: { 'codemode.servers.sources': { 'cursor-workspace': true }, 'codemode.servers.offerNatively': true },
  },
  {
    name: 'a thousand hostile scripts',
    files: ['hostile'],
    workspace: () => ({}),
  },
  {
    name: 'a server with a secret',
    files: ['secrets'],
    workspace: (makeDemo) => makeDemo({ mcp: JSON.stringify({ servers: { notes: { command: 'node', args: ['--version'], env: { NOTES_TOKEN: 'integration-secret-of-the-notes-server' } } } }) }),
  },
  {
    name: 'a folder that is no repository',
    files: ['noRepository'],
    workspace: (makeDemo) => {
      const demo = makeDemo({ mcp: false });
      rmSync(path.join(demo.folder, '.git'), { recursive: true });
      return demo;
    },
  },
  {
    name: 'a folder nobody trusts yet',
    files: ['untrusted'],
    workspace: (makeDemo) => makeDemo(),
    settings: { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never', 'security.workspace.trust.banner': 'never' },
  },
  {
    name: 'Code Mode as a server',
    files: ['exposed', 'offers'],
    workspace: (makeDemo) => makeDemo({ mcp: servers({ pictures: { command: 'node', args: [fixture, 'offers'] } }) }),
  },
  {
    name: 'servers behind a proxy and a private authority',
    files: ['network'],
    workspace: (makeDemo) => ({ ...makeDemo({ mcp: servers({}) }), env: { ...certificates, SSL_CERT_FILE: path.join(authority, 'authority.pem') } }),
    // What the system trusts is asked of Node, which takes a file of the test's in its place.
    settings: { 'http.systemCertificatesNode': true },
  },
  {
    name: 'servers behind the proxy of the environment',
    files: ['environment'],
    workspace: (makeDemo) => {
      const proxy = `http://name:password-of-the-proxy@127.0.0.1:${freePort()}`;
      return { ...makeDemo({ mcp: servers({}) }), env: { ...certificates, HTTPS_PROXY: proxy, HTTP_PROXY: proxy, NO_PROXY: 'left-out.example,0.0.0.0', NODE_EXTRA_CA_CERTS: path.join(authority, 'authority.pem') } };
    },
  },
  {
    name: 'no folder open',
    files: ['noFolder'],
    workspace: () => ({}),
  },
];
