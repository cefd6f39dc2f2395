import * as vscode from 'vscode';
import type { JsonValue } from '../../json.js';
import { problemOf, problemOfText, typedValue, type Choice, type Field } from './fields.js';
import { pick } from './pick.js';

export type FieldAnswer = { readonly kind: 'value'; readonly value: JsonValue } | { readonly kind: 'left' } | { readonly kind: 'cancelled' };

interface ChoiceItem extends vscode.QuickPickItem {
  readonly choice?: Choice;
}

/** Asks one property in one native step that begins with what is answered so far; one that is not required can be left out. */
export async function askField(field: Field, title: string, now: JsonValue | undefined, signal: AbortSignal): Promise<FieldAnswer> {
  if (field.choices === undefined) return askText(field, title, now, signal);
  const items: readonly ChoiceItem[] = field.choices.map((choice) => ({ label: choice.label, ...(choice.value === field.schema['default'] ? { description: 'proposed' } : {}), choice }));
  return field.several ? askSeveral(field, items, title, now, signal) : askOne(field, items, title, now, signal);
}

async function askOne(field: Field, items: readonly ChoiceItem[], title: string, now: JsonValue | undefined, signal: AbortSignal): Promise<FieldAnswer> {
  const all = field.required ? items : [...items, { label: 'Leave out', iconPath: new vscode.ThemeIcon('dash') }];
  const picked = await pick<ChoiceItem>({ title, items: all, at: all.filter(({ choice }) => choice !== undefined && choice.value === now), signal, ...(field.description === undefined ? {} : { placeholder: field.description }) });
  if (picked === undefined) return { kind: 'cancelled' };
  const [item] = picked;
  return item?.choice === undefined ? { kind: 'left' } : { kind: 'value', value: item.choice.value };
}

async function askSeveral(field: Field, items: readonly ChoiceItem[], title: string, now: JsonValue | undefined, signal: AbortSignal): Promise<FieldAnswer> {
  const chosen: readonly JsonValue[] = Array.isArray(now) ? (now as readonly JsonValue[]) : [];
  const valuesOf = (picked: readonly ChoiceItem[]): readonly JsonValue[] => picked.map(({ choice }) => choice!.value);
  const picked = await pick<ChoiceItem>({
    title,
    items,
    at: items.filter(({ choice }) => chosen.includes(choice!.value)),
    several: true,
    problem: (taken) => (taken.length === 0 && !field.required ? undefined : problemOf(field, [...valuesOf(taken)])),
    signal,
    ...(field.description === undefined ? {} : { placeholder: field.description }),
  });
  if (picked === undefined) return { kind: 'cancelled' };
  return picked.length === 0 && !field.required ? { kind: 'left' } : { kind: 'value', value: [...valuesOf(picked)] };
}

async function askText(field: Field, title: string, now: JsonValue | undefined, signal: AbortSignal): Promise<FieldAnswer> {
  const source = new vscode.CancellationTokenSource();
  const abort = (): void => source.cancel();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const text = await vscode.window.showInputBox(
      {
        title,
        prompt: field.description,
        placeHolder: field.required ? undefined : 'Optional: leave empty to leave out',
        value: typeof now === 'string' || typeof now === 'number' ? String(now) : undefined,
        ignoreFocusOut: true,
        validateInput: (input) => problemOfText(field, input),
      },
      source.token,
    );
    if (text === undefined) return { kind: 'cancelled' };
    if (text === '' && !field.required) return { kind: 'left' };
    return { kind: 'value', value: typedValue(field, text) ?? text };
  } finally {
    signal.removeEventListener('abort', abort);
    source.dispose();
  }
}
