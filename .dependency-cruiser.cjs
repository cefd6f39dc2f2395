// The layer rules of the house: which room may know which.
const only = (name, dependency, rooms) => ({
  name,
  severity: 'error',
  from: { path: '^src/', pathNot: rooms },
  to: { path: dependency },
});
const never = (name, from, to, comment) => ({ name, severity: 'error', comment, from: { path: from }, to: { path: to } });

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    only('vscode-only-at-the-edge', '^vscode$', '^src/(extension\\.ts|editor/|chat/|views/)'),
    only('mcp-sdk-only-in-mcp', '@modelcontextprotocol/', '^src/mcp/'),
    only('quickjs-only-in-sandbox', 'quickjs', '^src/sandbox/'),
    only('typescript-only-in-checker', 'node_modules/typescript/', '^src/checker/'),
    never('rooms-do-not-know-the-root', '^src/.+/', '^src/extension\\.ts$'),
    never('inner-rooms-do-not-know-outer-ones', '^src/(catalog|typings|checker|sandbox|runs|mcp|builtin)/', '^src/(editor|chat|views)/'),
    never('runs-take-sources-as-given', '^src/runs/', '^src/(mcp|builtin)/'),
    never('catalog-stands-alone', '^src/catalog/', '^src/(checker|sandbox|runs|mcp|builtin)/'),
    never('typings-know-only-the-catalog', '^src/typings/', '^src/(checker|sandbox|runs|mcp|builtin)/'),
    never('checker-stands-alone', '^src/checker/', '^src/(catalog|typings|sandbox|runs|mcp|builtin)/'),
    never('sandbox-stands-alone', '^src/sandbox/', '^src/(catalog|typings|checker|runs|mcp|builtin)/'),
    never('sources-know-only-the-seam', '^src/(mcp|builtin)/', '^src/(typings|checker|sandbox|runs)/'),
    never('chat-and-views-are-siblings', '^src/views/', '^src/chat/'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js'] },
  },
};
