import * as vscode from 'vscode';
import type { JsonValue } from '../../json.js';
import type { ElicitationAnswer, ElicitationRequest } from '../../mcp/ports.js';
import { openAddress } from '../openAddress.js';
import { askField } from './field.js';
import { fieldsOf, proposed, shown, type Field } from './fields.js';
import { pick } from './pick.js';

type FormRequest = Extract<ElicitationRequest, { mode: 'form' }>;

/**
 * Asks what a server wants to know (MCP 2025-11-25, Elicitation): a form becomes one native step a property and a last
 * look at all of them, a URL is shown in full before it is opened. Who asks is always in the title, since the text is
 * the server's.
 */
export async function elicit(request: ElicitationRequest, signal: AbortSignal): Promise<ElicitationAnswer> {
  if (signal.aborted) return { action: 'cancel' };
  return request.mode === 'url' ? elicitUrl(request, signal) : elicitForm(request, signal);
}

async function elicitUrl(request: Extract<ElicitationRequest, { mode: 'url' }>, signal: AbortSignal): Promise<ElicitationAnswer> {
  const answer = await vscode.window.showInformationMessage(
    `The server “${request.server}” asks you to open a page at ${new URL(request.url).host}.`,
    { modal: true, detail: `${request.message}\n\n${request.url}` },
    'Open Page',
    'Decline',
  );
  // Whoever asked may be gone by now.
  if (answer === undefined || signal.aborted) return { action: 'cancel' };
  if (answer === 'Decline') return { action: 'decline' };
  await openAddress(request.url);
  return { action: 'accept' };
}

/** After pages were opened: a person says when to go on, unless the server does before. */
export async function finished(server: string, signal: AbortSignal): Promise<boolean> {
  const go = { label: '$(debug-continue) Continue', description: 'I am done in the browser' };
  const picked = await pick({ title: `“${server}” goes on when you are done in the browser`, items: [go, { label: '$(circle-slash) Give Up', description: 'The call fails' }], signal });
  return picked?.[0] === go;
}

async function elicitForm(request: FormRequest, signal: AbortSignal): Promise<ElicitationAnswer> {
  const answer = await vscode.window.showInformationMessage(`The server “${request.server}” asks: ${request.message}`, 'Answer', 'Decline');
  if (signal.aborted || answer === undefined) return { action: 'cancel' };
  if (answer === 'Decline') return { action: 'decline' };
  const fields = fieldsOf(request.schema);
  const answers = proposed(fields);
  const ask = async (field: Field, place: string): Promise<boolean> => {
    const value = await askField(field, `${request.server}: ${field.title}${place}`, answers.get(field.name), signal);
    if (value.kind === 'value') answers.set(field.name, value.value);
    if (value.kind === 'left') answers.delete(field.name);
    return value.kind !== 'cancelled';
  };
  for (const [index, field] of fields.entries()) {
    if (!(await ask(field, fields.length > 1 ? ` (${index + 1} of ${fields.length})` : ''))) return { action: 'cancel' };
  }
  // Of a single answer its own step is the last look.
  if (fields.length > 1) {
    const end = await review(request, fields, answers, ask, signal);
    if (end !== 'accept') return { action: end };
  }
  return { action: 'accept', content: Object.fromEntries(answers) };
}

interface ReviewItem extends vscode.QuickPickItem {
  readonly field?: Field;
  readonly end?: 'accept' | 'decline';
}

/** Everything that would be sent, each of it open to change. */
async function review({ server }: FormRequest, fields: readonly Field[], answers: ReadonlyMap<string, JsonValue>, ask: (field: Field, place: string) => Promise<boolean>, signal: AbortSignal): Promise<ElicitationAnswer['action']> {
  for (;;) {
    const items: readonly ReviewItem[] = [
      { label: `$(check) Send to “${server}”`, end: 'accept' },
      { label: 'Change an answer', kind: vscode.QuickPickItemKind.Separator },
      ...fields.map((field) => {
        const value = answers.get(field.name);
        return { label: field.title, description: value === undefined ? 'left out' : shown(field, value), field };
      }),
      { label: '', kind: vscode.QuickPickItemKind.Separator },
      { label: '$(circle-slash) Decline', end: 'decline' },
    ];
    const [picked] = (await pick<ReviewItem>({ title: `${server}: your answers`, placeholder: 'Nothing was sent yet.', items, signal })) ?? [];
    if (picked === undefined) return 'cancel';
    if (picked.end !== undefined) return picked.end;
    if (picked.field !== undefined) await ask(picked.field, '');
  }
}
