/** Files of other clients by the end of their path, and what VS Code's `chat.mcp.discovery.enabled` calls each. */
const foreign: readonly (readonly [end: string, client: string])[] = [
  ['/claude_desktop_config.json', 'claude-desktop'],
  ['/mcp-config.json', 'copilot'],
  ['/windsurf/mcp_config.json', 'windsurf'],
  ['/.cursor/mcp.json', 'cursor'],
];

/**
 * Whether VS Code itself reads a configuration file, so that its servers are offered to agent mode natively.
 * @param discovery value of VS Code's `chat.mcp.discovery.enabled`
 */
export function isReadByEditor(file: string, userHome: string, discovery: unknown): boolean {
  const path = file.replaceAll('\\', '/');
  const client = foreign.find(([end]) => path.endsWith(end))?.[1];
  if (client === undefined) return true;
  if (typeof discovery !== 'object' || discovery === null) return discovery === true;
  const home = userHome.replaceAll('\\', '/');
  const name = client !== 'cursor' ? client : path === `${home}/.cursor/mcp.json` ? 'cursor-global' : 'cursor-workspace';
  return (discovery as Readonly<Record<string, unknown>>)[name] === true;
}
