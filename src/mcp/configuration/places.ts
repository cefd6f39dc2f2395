import path from 'node:path';
import type { ConfigurationPlace } from '../ports.js';

/** Other clients whose files may be read; the names are those of VS Code's own `chat.mcp.discovery.enabled`. */
export const clients = ['claude-desktop', 'copilot', 'cursor-global', 'cursor-workspace', 'windsurf'] as const;
export type Client = (typeof clients)[number];

/** Every place besides each folder's `.vscode/mcp.json` that a developer may turn on or off. */
export const optionalPlaces = ['user', 'remote', 'workspace-root', ...clients] as const;
export type OptionalPlace = (typeof optionalPlaces)[number];

export interface PlacesOptions {
  readonly folders: readonly { readonly name: string; readonly path: string }[];
  readonly userHome: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** The open `.code-workspace` file. */
  readonly workspaceFile?: string;
  /** The user's own `mcp.json`, when this window works on the developer's own machine. */
  readonly userFile?: string;
  /** The same file when this window works on another machine. */
  readonly localUserFile?: ConfigurationPlace;
  /** The file of the machine a remote window works on. */
  readonly remoteFile?: string;
  readonly isOn: (place: OptionalPlace) => boolean;
}

function clientFile(client: Exclude<Client, 'cursor-workspace'>, { userHome, environment, platform }: PlacesOptions): string {
  switch (client) {
    case 'claude-desktop': {
      const name = ['Claude', 'claude_desktop_config.json'] as const;
      if (platform === 'win32') return path.join(environment.APPDATA ?? path.join(userHome, 'AppData', 'Roaming'), ...name);
      if (platform === 'darwin') return path.join(userHome, 'Library', 'Application Support', ...name);
      return path.join(environment.XDG_CONFIG_HOME ?? path.join(userHome, '.config'), ...name);
    }
    case 'copilot':
      return path.join(environment.COPILOT_HOME ?? path.join(userHome, '.copilot'), 'mcp-config.json');
    case 'cursor-global':
      return path.join(userHome, '.cursor', 'mcp.json');
    case 'windsurf':
      return path.join(userHome, '.codeium', 'windsurf', 'mcp_config.json');
  }
}

const labels: Readonly<Record<Exclude<Client, 'cursor-workspace'>, string>> = {
  'claude-desktop': 'Claude Desktop',
  copilot: 'Copilot CLI',
  'cursor-global': 'Cursor',
  windsurf: 'Windsurf',
};

/**
 * The places to read besides each folder's `.vscode/mcp.json`, in VS Code's own precedence: files beside that one in the
 * folders, the workspace file, the remote machine's, the user's, then those of other clients.
 */
export function configurationPlaces(options: PlacesOptions): readonly ConfigurationPlace[] {
  const { folders, isOn, workspaceFile, userFile, localUserFile, remoteFile } = options;
  const several = folders.length > 1;
  const inFolders = (place: 'workspace-root' | 'cursor-workspace', file: string, label: string): ConfigurationPlace[] =>
    isOn(place) ? folders.map((folder) => ({ path: path.join(folder.path, file), label: several ? `${folder.name} ${label}` : label, format: 'mcpServers' })) : [];
  return [
    ...inFolders('workspace-root', '.mcp.json', '.mcp.json'),
    ...inFolders('cursor-workspace', path.join('.cursor', 'mcp.json'), 'Cursor'),
    ...(workspaceFile === undefined ? [] : [{ path: workspaceFile, label: 'workspace file', format: 'vscode' } as const]),
    ...(remoteFile !== undefined && isOn('remote') ? [{ path: remoteFile, label: 'remote', format: 'vscode' } as const] : []),
    ...(userFile !== undefined && isOn('user') ? [{ path: userFile, label: 'user', format: 'vscode' } as const] : []),
    ...(localUserFile !== undefined && isOn('user') ? [localUserFile] : []),
    ...clients
      .filter((client) => client !== 'cursor-workspace')
      .filter(isOn)
      .map((client): ConfigurationPlace => ({ path: clientFile(client, options), label: labels[client], format: 'mcpServers', isUserWide: true })),
  ];
}

interface StoredProfile {
  readonly location?: unknown;
  readonly useDefaultFlags?: { readonly mcp?: unknown };
}

/** The last part of a profile's address, however the editor wrote it down. */
function profileId(location: unknown): string | undefined {
  const text = typeof location === 'string' ? location : typeof location === 'object' && location !== null && 'path' in location ? (location).path : undefined;
  return typeof text === 'string' ? text.split(/[/\\]/).filter(Boolean).at(-1) : undefined;
}

/**
 * The user's `mcp.json` for the profile whose folder for extension data is given. A profile other than the default one
 * has a file of its own unless it was told to share the default one's.
 * @param profiles content of the editor's own list of profiles, where it can be read
 */
export function userFileOf(globalStorage: string, profiles: string | undefined): string {
  const profile = path.resolve(globalStorage, '..', '..');
  if (path.basename(path.dirname(profile)) !== 'profiles') return path.join(profile, 'mcp.json');
  let shares = false;
  try {
    const { userDataProfiles } = JSON.parse(profiles ?? '{}') as { userDataProfiles?: readonly StoredProfile[] };
    shares = userDataProfiles?.some((known) => profileId(known.location) === path.basename(profile) && known.useDefaultFlags?.mcp === true) === true;
  } catch {
    // The list is the editor's own and may be written in any way: the profile's own file then.
  }
  return shares ? path.resolve(profile, '..', '..', 'mcp.json') : path.join(profile, 'mcp.json');
}
