// Which test files run in which host: one VS Code a suite, each on a workspace of its own.
// `workspace(makeDemo)` makes it and says what the tests must know of it, as environment.
export const suites = [
  {
    name: 'demo workspace with two MCP servers',
    files: ['activation', 'changes'],
    workspace: (makeDemo) => makeDemo(),
  },
  {
    name: 'an mcp.json with mistakes',
    files: ['configuration'],
    workspace: (makeDemo) => makeDemo({ mcp: '{\n  "servers": {\n    "fine": { "command": "node", "args": ["--version"] },\n    "empty": {},\n    "odd": { "command": 7 }\n  }\n}\n' }),
  },
  {
    name: 'a server with a secret',
    files: ['secrets'],
    workspace: (makeDemo) => makeDemo({ mcp: JSON.stringify({ servers: { notes: { command: 'node', args: ['--version'], env: { NOTES_TOKEN: 'integration-secret-of-the-notes-server' } } } }) }),
  },
  {
    name: 'no folder open',
    files: ['noFolder'],
    workspace: () => ({}),
  },
];
