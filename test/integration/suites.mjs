// Which test files run in which host: one VS Code a suite, each on a workspace of its own.
// `workspace(makeDemo)` makes it and says what the tests must know of it, as environment.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

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
    name: 'files of other clients',
    files: ['clients'],
    workspace: (makeDemo) => {
      const demo = makeDemo({ mcp: false });
      writeFileSync(path.join(demo.folder, '.mcp.json'), '{\n  "mcpServers": {\n    "first": { "command": "node", "args": ["--version"] }\n  }\n}\n');
      mkdirSync(path.join(demo.folder, '.cursor'));
      return demo;
    },
  },
  {
    name: 'no folder open',
    files: ['noFolder'],
    workspace: () => ({}),
  },
];
