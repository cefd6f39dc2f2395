import type { OAuthDiscoveryState, StoredOAuthClientInformation, StoredOAuthTokens } from '@modelcontextprotocol/client';
import type { webcrypto } from 'node:crypto';
import type { Secrets } from '../ports.js';
import type { Redactor } from '../redaction.js';

/** What is known of a sign-in at one server. */
export interface Credentials {
  readonly tokens?: StoredOAuthTokens;
  readonly client?: StoredOAuthClientInformation;
  readonly discovery?: OAuthDiscoveryState;
  /** The address the client was registered with. */
  readonly redirect?: string;
  /** The private key that the tokens are bound to. */
  readonly key?: webcrypto.JsonWebKey;
}

/** Tokens and registration of one account at one server, with the secrets; other windows read and write the same. */
export class CredentialStore {
  private cached: Promise<Credentials> | undefined;

  constructor(
    private readonly secrets: Secrets,
    /** Identifies the store among all, and shows nothing of what it is for. */
    readonly name: string,
    private readonly redactor: Redactor,
  ) {}

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
    await this.secrets.set(this.name, JSON.stringify(next));
  }

  /** Leaves these out from now on. */
  drop(...names: readonly (keyof Credentials)[]): Promise<void> {
    return this.update((now) => Object.fromEntries(Object.entries(now).filter(([name]) => !names.includes(name as keyof Credentials))));
  }

  async forget(): Promise<void> {
    this.cached = Promise.resolve({});
    await this.secrets.delete(this.name);
  }

  private async load(): Promise<Credentials> {
    const text = await this.secrets.get(this.name);
    let credentials: Credentials = {};
    try {
      if (text !== undefined) credentials = JSON.parse(text) as Credentials;
    } catch {
      // Not ours or not whole: as if nobody had signed in.
    }
    this.hide(credentials);
    return credentials;
  }

  private hide({ tokens, client, key }: Credentials): void {
    for (const secret of [tokens?.access_token, tokens?.refresh_token, tokens?.id_token, (client as { client_secret?: string } | undefined)?.client_secret, key?.d]) {
      if (typeof secret === 'string') this.redactor.add(secret);
    }
  }
}
