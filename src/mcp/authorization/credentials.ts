import type { OAuthDiscoveryState, StoredOAuthClientInformation, StoredOAuthTokens } from '@modelcontextprotocol/client';
import { createHash } from 'node:crypto';
import type { Secrets } from '../ports.js';
import type { Redactor } from '../redaction.js';

/** What is known of a sign-in at one server. */
export interface Credentials {
  readonly tokens?: StoredOAuthTokens;
  readonly client?: StoredOAuthClientInformation;
  readonly discovery?: OAuthDiscoveryState;
  /** The address the client was registered with. */
  readonly redirect?: string;
}

/** Tokens and registration of one server, with the secrets; other windows read and write the same. */
export class CredentialStore {
  private readonly key: string;
  private cached: Promise<Credentials> | undefined;

  constructor(
    private readonly secrets: Secrets,
    url: URL,
    clientId: string | undefined,
    private readonly redactor: Redactor,
  ) {
    this.key = `mcp.oauth.${createHash('sha256').update(`${url.href}\n${clientId ?? ''}`).digest('hex').slice(0, 32)}`;
  }

  /** Identifies the store among all, and shows nothing of what it is for. */
  get name(): string {
    return this.key;
  }

  /** As known in this window. */
  read(): Promise<Credentials> {
    return (this.cached ??= this.load());
  }

  /** As they are, whoever wrote them. */
  readFresh(): Promise<Credentials> {
    this.cached = this.load();
    return this.cached;
  }

  async update(change: (before: Credentials) => Credentials): Promise<void> {
    const next = change(await this.read());
    this.hide(next);
    this.cached = Promise.resolve(next);
    await this.secrets.set(this.key, JSON.stringify(next));
  }

  async forget(): Promise<void> {
    this.cached = Promise.resolve({});
    await this.secrets.delete(this.key);
  }

  private async load(): Promise<Credentials> {
    const text = await this.secrets.get(this.key);
    let credentials: Credentials = {};
    try {
      if (text !== undefined) credentials = JSON.parse(text) as Credentials;
    } catch {
      // Not ours or not whole: as if nobody had signed in.
    }
    this.hide(credentials);
    return credentials;
  }

  private hide({ tokens, client }: Credentials): void {
    for (const secret of [tokens?.access_token, tokens?.refresh_token, tokens?.id_token, (client as { client_secret?: string } | undefined)?.client_secret]) {
      if (typeof secret === 'string') this.redactor.add(secret);
    }
  }
}
