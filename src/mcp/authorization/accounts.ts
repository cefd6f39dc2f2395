import type { StoredOAuthTokens } from '@modelcontextprotocol/client';
import { createHash, randomBytes } from 'node:crypto';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json.js';
import type { Memory, Secrets } from '../ports.js';
import type { Redactor } from '../redaction.js';
import { CredentialStore, type Credentials } from './credentials.js';

/** Somebody who signed in at a server. */
export interface Account {
  readonly id: string;
  /** Who it is, as far as the tokens say. */
  readonly label: string;
}

interface Known extends Account {
  /** Issuer and subject of its tokens, to tell when somebody signs in twice. */
  readonly subject?: string;
}

/** The account a sign-in is kept under until a second one comes. */
const first = '';

/**
 * Who signed in at one address, each with tokens and registration apart, and which of them a server of this workspace
 * uses. Two servers at the same address may use two of them.
 */
export class Accounts {
  private readonly base: string;
  private readonly choice: string;
  private readonly stores = new Map<string, CredentialStore>();
  /** Being signed in to: chosen for good once that worked. */
  private trial: string | undefined;

  constructor(
    private readonly secrets: Secrets,
    private readonly memory: Memory,
    private readonly redactor: Redactor,
    server: string,
    ...address: readonly string[]
  ) {
    this.base = `mcp.oauth.${createHash('sha256').update(address.join('\n')).digest('hex').slice(0, 32)}`;
    this.choice = `mcp.account.${server}`;
  }

  get current(): CredentialStore {
    return this.storeOf(this.trial ?? this.chosen);
  }

  get chosen(): string {
    const chosen = this.memory.get(this.choice);
    return typeof chosen === 'string' ? chosen : first;
  }

  async list(): Promise<readonly Account[]> {
    return this.known();
  }

  async choose(id: string): Promise<void> {
    await this.memory.set(this.choice, id === first ? undefined : id);
  }

  /** Has `signIn` work on an account nobody has yet; it is the chosen one once that worked. */
  async add(signIn: () => Promise<void>): Promise<void> {
    const id = (await this.known()).length === 0 ? first : randomBytes(8).toString('hex');
    this.trial = id;
    try {
      await signIn();
      await this.choose(await this.signedIn());
    } catch (error) {
      if (id !== first) await this.storeOf(id).forget();
      throw error;
    } finally {
      this.trial = undefined;
    }
  }

  /** Says that there are tokens for the current account; resolves with the one account whoever signed in has. */
  async signedIn(): Promise<string> {
    const id = this.trial ?? this.chosen;
    const { tokens } = await this.current.read();
    const all = await this.known();
    const { subject, name } = whose(tokens);
    const twin = subject === undefined ? undefined : all.find((account) => account.subject === subject && account.id !== id);
    // The same person once more: what they have now replaces what they had.
    if (twin !== undefined) await this.storeOf(twin.id).forget();
    const label = name ?? all.find((account) => account.id === id)?.label ?? free(all);
    const others = all.filter((account) => account.id !== id && account !== twin);
    await this.write([...others, { id, label, ...(subject === undefined ? {} : { subject }) }]);
    return id;
  }

  /** Forgets one account; another that is left becomes the chosen one. Resolves with what was known of it. */
  async forget(id: string): Promise<Credentials> {
    const had = await this.storeOf(id).readFresh();
    await this.storeOf(id).forget();
    const left = (await this.known()).filter((account) => account.id !== id);
    await this.write(left);
    if (this.chosen === id) await this.choose(left[0]?.id ?? first);
    return had;
  }

  private storeOf(id: string): CredentialStore {
    let store = this.stores.get(id);
    if (store === undefined) {
      store = new CredentialStore(this.secrets, id === first ? this.base : `${this.base}.${id}`, this.redactor);
      this.stores.set(id, store);
    }
    return store;
  }

  private get listKey(): string {
    return `${this.base}.accounts`;
  }

  private async known(): Promise<readonly Known[]> {
    const text = await this.secrets.get(this.listKey);
    let list: JsonValue = [];
    try {
      if (text !== undefined) list = JSON.parse(text) as JsonValue;
    } catch {
      // Not whole: those that are used say so again.
    }
    const read = Array.isArray(list) ? (list as readonly JsonValue[]).flatMap((item) => (isJsonObject(item) && typeof item.id === 'string' && typeof item.label === 'string' ? [item as JsonObject & Known] : [])) : [];
    if (read.length > 0) return read;
    // Signed in before there was a list.
    return (await this.storeOf(first).read()).tokens === undefined ? [] : [{ id: first, label: free([]) }];
  }

  private async write(list: readonly Known[]): Promise<void> {
    if (list.length === 0) await this.secrets.delete(this.listKey);
    else await this.secrets.set(this.listKey, JSON.stringify(list));
  }
}

function free(taken: readonly Account[]): string {
  for (let count = 1; ; count++) if (!taken.some((account) => account.label === `Account ${count}`)) return `Account ${count}`;
}

/** Who tokens say they are of. Only to tell accounts apart: nothing is allowed for it, so nothing of it is verified. */
function whose(tokens: StoredOAuthTokens | undefined): { readonly subject?: string; readonly name?: string } {
  for (const token of [tokens?.id_token, tokens?.access_token]) {
    const claims = claimsOf(token);
    if (claims === undefined) continue;
    const text = (...names: readonly string[]): string | undefined => names.map((name) => claims[name]).find((value): value is string => typeof value === 'string' && value !== '');
    const [issuer, sub] = [text('iss'), text('sub')];
    const name = text('email', 'preferred_username', 'username', 'name', 'sub')?.slice(0, 100);
    return { ...(issuer === undefined || sub === undefined ? {} : { subject: createHash('sha256').update(`${issuer}\n${sub}`).digest('hex') }), ...(name === undefined ? {} : { name }) };
  }
  return {};
}

/** Claims of a token that is a JWT; most access tokens are anything else. */
export function claimsOf(token: string | undefined): JsonObject | undefined {
  const [, payload, signature] = token?.split('.') ?? [];
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as JsonValue;
    return isJsonObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}
