import * as vscode from 'vscode';
import type { JsonObject, JsonValue } from '../../json.js';

/** One property of a form a server asked for: string, number, boolean or a choice (MCP 2025-11-25, Elicitation). */
export interface Field {
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly required: boolean;
  readonly schema: JsonObject;
}

export type FieldAnswer = { readonly kind: 'value'; readonly value: JsonValue } | { readonly kind: 'left' } | { readonly kind: 'cancelled' };

interface Choice extends vscode.QuickPickItem {
  readonly value?: JsonValue;
}

/** Asks one property in one native step; a property that is not required can be left out. */
export async function askField(field: Field, title: string, signal: AbortSignal): Promise<FieldAnswer> {
  const source = new vscode.CancellationTokenSource();
  const abort = (): void => source.cancel();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const choices = choicesOf(field);
    if (choices === undefined) return await askText(field, title, source.token);
    if (field.schema['type'] === 'array') return await askSeveral(field, title, choices, source.token);
    const leave: Choice[] = field.required ? [] : [{ label: 'Leave out', iconPath: new vscode.ThemeIcon('dash') }];
    const picked = await vscode.window.showQuickPick<Choice>([...choices, ...leave], { title, placeHolder: field.description, ignoreFocusOut: true }, source.token);
    if (picked === undefined) return { kind: 'cancelled' };
    return picked.value === undefined ? { kind: 'left' } : { kind: 'value', value: picked.value };
  } finally {
    signal.removeEventListener('abort', abort);
    source.dispose();
  }
}

async function askSeveral(field: Field, title: string, choices: readonly Choice[], token: vscode.CancellationToken): Promise<FieldAnswer> {
  const picked = await vscode.window.showQuickPick<Choice>([...choices], { title, placeHolder: field.description, ignoreFocusOut: true, canPickMany: true }, token);
  return picked === undefined ? { kind: 'cancelled' } : { kind: 'value', value: picked.map((choice) => choice.value ?? choice.label) };
}

async function askText(field: Field, title: string, token: vscode.CancellationToken): Promise<FieldAnswer> {
  const initial = field.schema['default'];
  const text = await vscode.window.showInputBox(
    {
      title,
      prompt: field.description,
      placeHolder: field.required ? undefined : 'Optional: leave empty to leave out',
      value: typeof initial === 'string' || typeof initial === 'number' ? String(initial) : undefined,
      ignoreFocusOut: true,
      validateInput: (input) => problemOf(field, input),
    },
    token,
  );
  if (text === undefined) return { kind: 'cancelled' };
  if (text === '' && !field.required) return { kind: 'left' };
  return { kind: 'value', value: isNumeric(field) ? Number(text) : text };
}

const isNumeric = (field: Field): boolean => field.schema['type'] === 'number' || field.schema['type'] === 'integer';

/** What keeps an input from being accepted, in the words of the person who types it. */
function problemOf(field: Field, input: string): string | undefined {
  if (input === '') return field.required ? `${field.title} is needed.` : undefined;
  const bound = (key: string): number | undefined => (typeof field.schema[key] === 'number' ? field.schema[key] : undefined);
  if (isNumeric(field)) {
    const value = Number(input);
    if (!Number.isFinite(value)) return 'Expected a number.';
    if (field.schema['type'] === 'integer' && !Number.isInteger(value)) return 'Expected a whole number.';
    if (value < (bound('minimum') ?? -Infinity)) return `Expected at least ${bound('minimum')}.`;
    if (value > (bound('maximum') ?? Infinity)) return `Expected at most ${bound('maximum')}.`;
    return undefined;
  }
  if (input.length < (bound('minLength') ?? 0)) return `Expected at least ${bound('minLength')} characters.`;
  if (input.length > (bound('maxLength') ?? Infinity)) return `Expected at most ${bound('maxLength')} characters.`;
  switch (field.schema['format']) {
    case 'email':
      return /^\S+@\S+$/.test(input) ? undefined : 'Expected an e-mail address.';
    case 'uri':
      return URL.canParse(input) ? undefined : 'Expected an address such as https://example.com.';
    case 'date':
      return /^\d{4}-\d\d-\d\d$/.test(input) ? undefined : 'Expected a date such as 2026-01-31.';
    case 'date-time':
      return Number.isNaN(Date.parse(input)) ? 'Expected a date and time such as 2026-01-31T12:00:00Z.' : undefined;
    default:
      return undefined;
  }
}

const textOf = (value: JsonValue): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The values to choose from: booleans, `enum` (with `enumNames`), `oneOf`/`anyOf` of constants, arrays of those. */
function choicesOf(field: Field): readonly Choice[] | undefined {
  const initial = field.schema['default'];
  const choice = (value: JsonValue, label = textOf(value)): Choice => ({
    label,
    value,
    description: value === initial ? 'default' : undefined,
    picked: Array.isArray(initial) && initial.includes(value),
  });
  if (field.schema['type'] === 'boolean') return [choice(true, 'Yes'), choice(false, 'No')];
  const items = field.schema['type'] === 'array' ? field.schema['items'] : field.schema;
  if (typeof items !== 'object' || items === null || Array.isArray(items)) return undefined;
  const schema = items as JsonObject;
  const names = Array.isArray(schema['enumNames']) ? (schema['enumNames'] as readonly JsonValue[]) : [];
  if (Array.isArray(schema['enum'])) return (schema['enum'] as readonly JsonValue[]).map((value, index) => choice(value, textOf(names[index] ?? value)));
  const titled = schema['oneOf'] ?? schema['anyOf'];
  if (!Array.isArray(titled)) return undefined;
  return (titled as readonly JsonValue[]).flatMap((each) => {
    if (typeof each !== 'object' || each === null || !('const' in each)) return [];
    const constant = each;
    return [choice(constant['const'] ?? null, textOf(constant['title'] ?? constant['const'] ?? null))];
  });
}
