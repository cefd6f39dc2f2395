import type { Node } from 'jsonc-parser';
import { isJsonObject } from '../../json.js';
import type { IdentityProviderDefinition, OAuthDefinition } from './definition.js';
import { member, valueOf, type Complain } from './nodes.js';

type Texts<T> = { readonly [K in keyof T as T[K] extends string | undefined ? K : never]: T[K] };

const grants: readonly string[] = ['client_credentials', 'jwt-bearer', 'token-exchange'] satisfies OAuthDefinition['grantType'][];

function texts<T>(node: Node, names: readonly string[], complain: Complain): Texts<T> {
  const read: Record<string, string> = {};
  for (const name of names) {
    const found = member(node, name);
    if (found === undefined) continue;
    if (found.type === 'string') read[name] = found.value as string;
    else complain(found, `"${name}" of "oauth" must be a string.`);
  }
  return read as Texts<T>;
}

function identityProvider(node: Node, complain: Complain): IdentityProviderDefinition | undefined {
  const read = texts<IdentityProviderDefinition>(node, ['issuer', 'tokenEndpoint', 'clientId', 'clientSecret', 'idToken', 'idTokenFile'], complain) as Partial<IdentityProviderDefinition>;
  const { issuer, clientId } = read;
  if (issuer !== undefined && clientId !== undefined) return { ...read, issuer, clientId };
  complain(node, '"identityProvider" needs "issuer", its address, and "clientId", what Code Mode is registered as there.');
  return undefined;
}

/** What a grant cannot do without, half a sentence. */
function missing(oauth: OAuthDefinition): string | undefined {
  switch (oauth.grantType) {
    case undefined:
      return undefined;
    case 'client_credentials':
      if (oauth.clientId === undefined) return '"clientId"';
      return (oauth.clientSecret ?? oauth.privateKey ?? oauth.privateKeyFile) === undefined ? '"clientSecret", or "privateKey" or "privateKeyFile"' : undefined;
    case 'jwt-bearer':
      return (oauth.assertion ?? oauth.assertionFile) === undefined ? '"assertion" or "assertionFile"' : undefined;
    case 'token-exchange':
      if (oauth.enterpriseManaged === true) return undefined;
      if (oauth.clientId === undefined) return '"clientId"';
      return oauth.identityProvider === undefined ? '"identityProvider"' : undefined;
  }
}

/** Reads `oauth` of a remote server; what is not as it must be is told and left out. */
export function readOAuth(node: Node | undefined, complain: Complain): { readonly oauth?: OAuthDefinition } {
  if (node === undefined) return {};
  if (node.type !== 'object') {
    // VS Code takes `false` for a server that is never signed in to.
    if (valueOf(node) !== false) complain(node, '"oauth" must be an object.');
    return {};
  }
  const read = texts<Omit<OAuthDefinition, 'grantType'>>(node, ['clientId', 'clientSecret', 'issuer', 'privateKey', 'privateKeyFile', 'algorithm', 'assertion', 'assertionFile'], complain);
  const type = valueOf(member(node, 'grantType'));
  // VS Code's own word for it: the identity provider stands in a setting, for all servers.
  const managed = valueOf(member(node, 'enterpriseManaged')) === true;
  const known = typeof type === 'string' && grants.includes(type);
  if (type !== undefined && type !== 'authorization_code' && !known) complain(member(node, 'grantType') ?? node, `"grantType" must be "authorization_code", a sign-in by a person, or one of ${grants.map((grant) => `"${grant}"`).join(', ')}.`);
  const scopes = valueOf(member(node, 'scopes'));
  const provider = member(node, 'identityProvider');
  const readProvider = provider !== undefined && isJsonObject(valueOf(provider)) ? identityProvider(provider, complain) : undefined;
  const oauth: OAuthDefinition = {
    ...(managed ? { grantType: 'token-exchange', enterpriseManaged: true } : known ? { grantType: type as NonNullable<OAuthDefinition['grantType']> } : {}),
    ...read,
    ...(Array.isArray(scopes) ? { scopes: scopes.filter((scope): scope is string => typeof scope === 'string') } : {}),
    ...(readProvider === undefined ? {} : { identityProvider: readProvider }),
  };
  const needs = missing(oauth);
  if (needs !== undefined) complain(node, `"oauth" with "grantType": "${oauth.grantType}" needs ${needs}.`);
  return { oauth };
}

/** What of it nobody may see. */
export function oauthSecrets(oauth: OAuthDefinition | undefined): readonly string[] {
  return [oauth?.clientSecret, oauth?.privateKey, oauth?.assertion, oauth?.identityProvider?.clientSecret, oauth?.identityProvider?.idToken].filter((secret) => secret !== undefined);
}
