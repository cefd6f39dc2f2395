import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../../json.js';
import { headerSecrets, looksSecret, secretMask } from '../redaction.js';

/** A server as a configuration file says it, variables unresolved. */
export type Definition = StdioDefinition | RemoteDefinition;

export interface StdioDefinition {
  readonly transport: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** `null` removes a variable of the surrounding environment. */
  readonly env: Readonly<Record<string, string | number | null>>;
  readonly envFile?: string;
  /** What the file says of a sandbox, accepted as it is. */
  readonly sandbox?: JsonValue;
}

export interface RemoteDefinition {
  readonly transport: 'http' | 'sse';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly oauth?: OAuthDefinition;
}

/** How a server is signed in to, as its file says it. */
export interface OAuthDefinition {
  /** Left out, a person agrees in a browser. */
  readonly grantType?: 'client_credentials' | 'jwt-bearer' | 'token-exchange';
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly scopes?: readonly string[];
  /** The one authority that credentials may go to. */
  readonly issuer?: string;
  /** For `client_credentials`, in place of a secret: PEM or JWK. */
  readonly privateKey?: string;
  readonly privateKeyFile?: string;
  readonly algorithm?: string;
  /** For `jwt-bearer`: what a workload is known by. */
  readonly assertion?: string;
  readonly assertionFile?: string;
  /** The identity provider is the one of VS Code's setting `mcp.enterpriseManagedAuth.idp`. */
  readonly enterpriseManaged?: boolean;
  /** For `token-exchange`: where an organisation's people sign in. */
  readonly identityProvider?: IdentityProviderDefinition;
}

export interface IdentityProviderDefinition {
  readonly issuer: string;
  /** Where it does not describe itself in full. */
  readonly tokenEndpoint?: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** Left out with `idTokenFile`, the person signs in there in a browser. */
  readonly idToken?: string;
  readonly idTokenFile?: string;
}

/** An entry of `inputs`. */
export interface InputDefinition {
  readonly id: string;
  readonly type: 'promptString' | 'pickString' | 'command';
  readonly description?: string;
  readonly default?: string;
  readonly password: boolean;
  readonly options?: readonly string[];
  readonly command?: string;
  readonly args?: JsonValue;
}

/** One server of one file. */
export interface ConfiguredServer {
  readonly name: string;
  readonly definition: Definition;
  /** The inputs of its file. */
  readonly inputs: ReadonlyMap<string, InputDefinition>;
  readonly origin: { readonly file: string; readonly label: string; readonly line: number };
  /** The workspace folder its file belongs to. */
  readonly folder?: { readonly name: string; readonly path: string };
  /** Whether `${…}` means anything in its file. */
  readonly variables: boolean;
  /** Why it cannot be started from here, half a sentence that follows its name. */
  readonly outOfReach?: string;
  readonly notices: readonly string[];
}

/** The same value with the members of every object in one order, so that texts of it can be compared. */
export function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, canonical(item)]));
}

/** Identifies exactly this definition, with the inputs it asks for: what a yes is given to. */
export function definitionHash(server: Pick<ConfiguredServer, 'definition' | 'inputs' | 'folder'>): string {
  const text = JSON.stringify(server.definition);
  const inputs = [...server.inputs.values()].filter((input) => text.includes(`\${input:${input.id}}`));
  const folder = /\$\{workspaceFolder|"cwd"|\.\.?[/\\]/.test(text) ? server.folder?.path : undefined;
  return createHash('sha256').update(JSON.stringify(canonical({ definition: server.definition, inputs, folder }))).digest('hex');
}

function quoted(argument: string): string {
  return /^[\w@%+=:,./\\${}•-]+$/.test(argument) ? argument : JSON.stringify(argument);
}

/** Hides values of arguments that look like secrets: `--token abc`, `--token=abc`. */
function maskedArguments(args: readonly string[]): string[] {
  return args.map((argument, index) => {
    const [, flag, value] = /^(--?[\w-]+)=(.*)$/s.exec(argument) ?? [];
    if (flag !== undefined && value !== undefined) return looksSecret(flag, value) && !value.startsWith('${') ? `${flag}=${secretMask}` : argument;
    const before = args[index - 1] ?? '';
    return looksSecret(/^--?[\w-]+$/.test(before) ? before : '', argument) && !argument.includes('${') ? secretMask : argument;
  });
}

function maskedUrl(text: string): string {
  if (text.includes('${') || !URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.password) url.password = 'hidden';
  for (const [name, value] of [...url.searchParams]) if (looksSecret(name, value)) url.searchParams.set(name, 'hidden');
  return url.href;
}

/** Whose credentials a server gets without anybody signing in. */
function describeGrant(oauth: OAuthDefinition | undefined): readonly string[] {
  if (oauth?.grantType === undefined) return [];
  const who = oauth.clientId === undefined ? '' : ` as ${oauth.clientId}`;
  const where = oauth.issuer === undefined ? '' : ` at ${oauth.issuer}`;
  const file = oauth.privateKeyFile ?? oauth.assertionFile ?? oauth.identityProvider?.idTokenFile;
  const by = oauth.enterpriseManaged === true ? ' by the identity provider of the setting mcp.enterpriseManagedAuth.idp' : oauth.identityProvider === undefined ? '' : ` by ${oauth.identityProvider.issuer}`;
  return [`signs in by ${oauth.grantType}${who}${where}${by}${file === undefined ? '' : ` with ${file}`}`];
}

/** What a person is asked to say yes to, a line each for command or address, environment and headers; secrets masked. */
export function describeDefinition(definition: Definition): string {
  const shown = (name: string, value: string, secret: boolean): string => `${name}: ${secret && !/^\$\{[^}]+\}$/.test(value) ? secretMask : value}`;
  if (definition.transport !== 'stdio') {
    const headers = Object.entries(definition.headers).map(([name, value]) => `header ${shown(name, value, headerSecrets(name, value).length > 0 && !value.includes('${'))}`);
    return [maskedUrl(definition.url), ...headers, ...describeGrant(definition.oauth)].join('\n');
  }
  const lines = [[definition.command, ...maskedArguments(definition.args)].map(quoted).join(' ')];
  if (definition.cwd !== undefined) lines.push(`in ${definition.cwd}`);
  for (const [name, value] of Object.entries(definition.env)) lines.push(value === null ? `env ${name} removed` : `env ${shown(name, String(value), looksSecret(name, String(value)))}`);
  if (definition.envFile !== undefined) lines.push(`env from ${definition.envFile}`);
  if (definition.sandbox !== undefined) lines.push(`in a sandbox${typeof definition.sandbox === 'object' && definition.sandbox !== null && Object.keys(definition.sandbox).length > 0 ? `: ${JSON.stringify(definition.sandbox)}` : ''}`);
  return lines.join('\n');
}

export function isStringRecord(value: JsonValue | undefined): value is JsonObject & Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every((item) => typeof item === 'string');
}
