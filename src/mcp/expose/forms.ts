/** A way to tell another client of this server. */
export interface ConfigurationForm {
  readonly client: string;
  /** Where the text belongs. */
  readonly place: string;
  text(url: string, token: string): string;
}

const name = 'code-mode';
const json = (value: unknown): string => JSON.stringify(value, undefined, 2);

export const configurationForms: readonly ConfigurationForm[] = [
  {
    client: 'Claude Code',
    place: 'a command for the terminal',
    text: (url, token) => `claude mcp add --transport http ${name} ${url} --header "Authorization: Bearer ${token}"`,
  },
  {
    client: 'Codex',
    place: '~/.codex/config.toml',
    // A run may wait for an answer in the panel, longer than the minute a call has by default.
    text: (url, token) => `[mcp_servers.${name}]\nurl = "${url}"\nhttp_headers = { Authorization = "Bearer ${token}" }\ntool_timeout_sec = 600\n`,
  },
  {
    client: 'Cursor',
    place: '~/.cursor/mcp.json',
    text: (url, token) => json({ mcpServers: { [name]: { url, headers: { Authorization: `Bearer ${token}` } } } }),
  },
  {
    client: 'Another client',
    place: 'a file with "mcpServers"',
    text: (url, token) => json({ mcpServers: { [name]: { type: 'http', url, headers: { Authorization: `Bearer ${token}` } } } }),
  },
];
