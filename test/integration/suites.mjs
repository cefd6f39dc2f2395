// Which test files run in which host: one VS Code a suite, each on a workspace of its own.
// `workspace(makeDemo)` makes it and says what the tests must know of it, as environment.
export const suites = [
  {
    name: 'demo workspace with two MCP servers',
    files: ['activation', 'changes'],
    workspace: (makeDemo) => makeDemo(),
  },
];
