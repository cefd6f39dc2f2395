import { isJsonObject, type JsonObject, type JsonValue } from '../../json.js';
import { neutraliseSchema } from '../neutralise.js';

export type Form = { readonly kind: 'form'; readonly schema: JsonObject } | { readonly kind: 'refused'; readonly why: string };

/** More fields than a person fills in one after the other. */
const mostFields = 40;

/** Names of fields that ask for what must never go through a form (MCP 2025-11-25, Elicitation, security). */
const secretName = /passw|passphrase|secret|api[-_ ]?key|token|credential|private[-_ ]?key|\bpin\b|cvv|card[-_ ]?number/i;
/** The same asked for in prose, where the words alone may be about something else. */
const secretAsked = /\b(?:your|the|enter|provide|paste|type)\b[^.\n]{0,30}\b(?:pass(?:word|phrase|code)|api[- ]?key|access[- ]token|bearer token|secret key|private key|credentials?|one[- ]time code|cvv)\b/i;
const numericSecret = /\bpin\b|cvv|card[-_ ]?number|one[-_ ]?time/i;

/**
 * The form a server asks for, its texts neutral; or why it is not shown: it asks for a secret, or for what the protocol
 * leaves out of forms (MCP 2025-11-25, Elicitation, requested schema: flat, texts, numbers, yes or no, choices).
 */
export function readForm(requested: JsonValue | undefined, message: string): Form {
  const refused = (why: string): Form => ({ kind: 'refused', why: `It asked for ${why}` });
  const schema = neutraliseSchema(isJsonObject(requested) ? requested : {}, () => undefined);
  const fields = isJsonObject(schema.properties) ? Object.entries(schema.properties) : [];
  if (fields.length > mostFields) return refused(`${fields.length} things in one form, where ${mostFields} are what a person is asked; it was declined`);
  for (const [name, field] of fields) {
    const shown = name.slice(0, 100);
    if (!isJsonObject(field) || !isAskable(field)) return refused(`"${shown}" by form, which is neither text, number, yes or no, nor a choice; it was declined`);
    if (asksForSecret(name, field, message)) return refused(`"${shown}" by form; a secret is never given by form, so it was declined`);
  }
  return { kind: 'form', schema: { ...schema, type: 'object' } };
}

function isAskable(field: JsonObject): boolean {
  if (choices(field)) return true;
  if (field.type === 'array') return isJsonObject(field.items) && choices(field.items);
  return field.type === 'string' || field.type === 'number' || field.type === 'integer' || field.type === 'boolean';
}

/** A choice among constants, with titles or without. */
function choices(field: JsonObject): boolean {
  const titled = field.oneOf ?? field.anyOf;
  if (Array.isArray(titled)) return titled.length > 0 && (titled as readonly JsonValue[]).every((each) => isJsonObject(each) && typeof each.const === 'string');
  return Array.isArray(field.enum) && field.enum.length > 0 && (field.enum as readonly JsonValue[]).every((each) => typeof each === 'string');
}

function asksForSecret(name: string, field: JsonObject, message: string): boolean {
  const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
  const named = `${name.replace(/([a-z])([A-Z])/g, '$1 $2')}\n${name}\n${text(field.title)}`;
  if (field.type === 'number' || field.type === 'integer') return numericSecret.test(named);
  if (field.type !== 'string' || choices(field)) return false;
  return secretName.test(named) || secretAsked.test(text(field.description)) || secretAsked.test(message);
}
