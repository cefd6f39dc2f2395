import { CallFailure } from '../../catalog/source.js';
import { SignInFailed, signInFailed, signInNeeded, type Challenge } from '../authorization/challenge.js';
import { isGranted } from '../authorization/grants.js';
import { SignInFlow } from '../authorization/signIn.js';
import { isJsonObject, type JsonValue } from '../../json.js';
import type { IdentityProviderDefinition, OAuthDefinition, RemoteDefinition } from '../configuration/definition.js';
import { Resolver, UnresolvedError } from '../configuration/resolve.js';
import type { IdentifiedServer } from '../configuration/sources.js';
import { proxyTo, type Proxy } from '../network/proxy.js';
import { socketOf } from '../network/socket.js';
import type { McpPorts } from '../ports.js';
import type { Redactor } from '../redaction.js';
import { sandboxed } from '../sandbox/sandbox.js';
import type { ServerAccounts } from '../servers.js';
import type { Target } from './session.js';
import type { Shared } from './shared.js';

/** The identity provider that an organisation set for all of VS Code. */
function managedIdentityProvider(setting: JsonValue | undefined): IdentityProviderDefinition {
  const { issuer, clientId, clientSecret } = isJsonObject(setting) ? setting : {};
  if (typeof issuer !== 'string' || !URL.canParse(issuer) || typeof clientId !== 'string') throw new UnresolvedError('it is managed by your organisation, and the setting mcp.enterpriseManagedAuth.idp does not name its identity provider ("issuer" and "clientId")');
  return { issuer, clientId, ...(typeof clientSecret === 'string' ? { clientSecret } : {}) };
}

/** How one server is reached and as whom: its definition filled in, and whoever is signed in there. */
export class Reach {
  private flow: SignInFlow | undefined;
  private url: URL | undefined;

  constructor(
    private readonly server: () => IdentifiedServer,
    private readonly shared: Shared,
    /** Those of the connection, which tells calls when a person is asked. */
    private readonly ports: McpPorts,
    private readonly redactor: Redactor,
    private readonly onLog: (text: string) => void,
  ) {}

  /** @param spoken the transport it spoke before. */
  async target(spoken?: 'stdio' | 'http' | 'sse'): Promise<Target> {
    const { configured } = this.server();
    const { definition } = configured;
    const { ports } = this;
    const { inputs, confiner } = this.shared;
    const resolver = new Resolver(configured, ports, inputs, this.redactor, this.onLog);
    if (definition.transport === 'stdio') {
      const place = { userHome: ports.surroundings.userHome, resolve: async (paths: readonly string[], base: string) => resolver.paths(paths, base) };
      return { kind: 'stdio', launch: await sandboxed(await resolver.launch(definition), definition, confiner, place) };
    }
    const { url, headers, oauth: written } = await resolver.remote(definition);
    this.url = url;
    const oauth = written.enterpriseManaged === true ? { ...written, identityProvider: managedIdentityProvider(ports.surroundings.setting('mcp.enterpriseManagedAuth.idp')) } : written;
    // Who configured credentials wants those to be used; behind a socket of this machine there is nobody to sign in at.
    const fixed = socketOf(url) !== undefined || Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
    if (!fixed && (ports.signIn !== undefined || isGranted(oauth))) this.flow ??= this.flowTo(url, oauth);
    return { kind: spoken === 'sse' ? 'sse' : definition.transport, url, headers, ...(this.flow === undefined ? {} : { authorization: this.flow }) };
  }

  /** The one on the way to a remote server, as VS Code and the environment are set now. */
  get proxy(): Proxy | undefined {
    return this.url === undefined ? undefined : proxyTo(this.url, this.ports.surroundings);
  }

  /** Whether a person, or what is configured, can help where it is refused. */
  get canSignIn(): boolean {
    return this.flow !== undefined;
  }

  async signIn(challenge: Challenge, signal: AbortSignal): Promise<void> {
    if (this.flow === undefined) throw new SignInFailed('wants a sign-in or other credentials (HTTP 401); check its configuration');
    await this.flow.signIn(challenge, signal);
  }

  /** What an error says of its sign-in, if it is about that: a sentence. */
  failure(error: unknown): string | undefined {
    const { name } = this.server().configured;
    const failed = signInFailed(error);
    if (failed !== undefined) return `"${name}" ${failed.message}. Start it or call it again to be asked again.`;
    return this.flow !== undefined && signInNeeded(error) !== undefined ? `"${name}" wants a sign-in. Start it or call it to sign in.` : undefined;
  }

  /** Forgets tokens and registration of an account, left out the one in use. They may be of an earlier window. Resolves with what is left of them, a sentence. */
  async signOut(account?: string): Promise<string | undefined> {
    return (await this.signedIn())?.signOut(account);
  }

  /** Whether it is called as this account. */
  async isUsed(account: string): Promise<boolean> {
    return (await this.signedIn())?.accounts.chosen === account;
  }

  /** @param restarted ends what runs as somebody else, and starts it again. */
  accounts(restarted: () => Promise<void>): ServerAccounts | undefined {
    const { definition } = this.server().configured;
    if (!this.isSignedInTo(definition)) return undefined;
    const flow = async (): Promise<SignInFlow> => {
      const found = await this.signedIn();
      if (found === undefined) throw new UnresolvedError('its credentials are in its configuration, so there is no account to choose');
      return found;
    };
    return {
      list: async () => {
        const { accounts } = await flow();
        return (await accounts.list()).map((account) => ({ ...account, current: account.id === accounts.chosen }));
      },
      use: async (id) => {
        await (await flow()).accounts.choose(id);
        await restarted();
      },
      add: async (signal) => {
        await (await flow()).addAccount(signal).catch((error: unknown) => {
          throw new CallFailure(`"${this.server().configured.name}" ${error instanceof Error ? error.message : String(error)}. Its accounts are as they were.`, 'no', { cause: error });
        });
        await restarted();
      },
    };
  }

  private isSignedInTo(definition: IdentifiedServer['configured']['definition']): definition is RemoteDefinition {
    return definition.transport !== 'stdio' && !isGranted(definition.oauth) && this.ports.signIn !== undefined;
  }

  private async signedIn(): Promise<SignInFlow | undefined> {
    if (this.flow === undefined) await this.target();
    return this.flow;
  }

  private flowTo(url: URL, oauth: OAuthDefinition): SignInFlow {
    const { ports } = this;
    const { limits, lockDirectory, clientMetadataUrl } = this.shared;
    return new SignInFlow({
      server: this.server().configured.name,
      serverId: this.server().id,
      url,
      oauth,
      ports,
      limits,
      redactor: this.redactor,
      onLog: this.onLog,
      ...(lockDirectory === undefined ? {} : { lockDirectory }),
      ...(clientMetadataUrl === undefined ? {} : { clientMetadataUrl }),
    });
  }
}
