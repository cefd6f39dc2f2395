import * as vscode from 'vscode';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json.js';
import type { ElicitationAnswer, ElicitationRequest } from '../../mcp/ports.js';
import { askField, type Field } from './field.js';

/**
 * Asks what a server wants to know (MCP 2025-11-25, Elicitation): a form becomes one native step a property, a URL is
 * shown in full before it is opened. Who asks is always in the title, since the text is the server's.
 */
export async function elicit(request: ElicitationRequest, signal: AbortSignal): Promise<ElicitationAnswer> {
  if (signal.aborted) return { action: 'cancel' };
  return request.mode === 'url' ? elicitUrl(request) : elicitForm(request, signal);
}

async function elicitUrl(request: Extract<ElicitationRequest, { mode: 'url' }>): Promise<ElicitationAnswer> {
  const answer = await vscode.window.showInformationMessage(
    `The server “${request.server}” asks you to open a page.`,
    { modal: true, detail: `${request.message}\n\n${request.url}` },
    'Open Page',
    'Decline',
  );
  if (answer === undefined) return { action: 'cancel' };
  if (answer === 'Decline') return { action: 'decline' };
  await vscode.env.openExternal(vscode.Uri.parse(request.url, true));
  return { action: 'accept' };
}

async function elicitForm(request: Extract<ElicitationRequest, { mode: 'form' }>, signal: AbortSignal): Promise<ElicitationAnswer> {
  const answer = await vscode.window.showInformationMessage(
    `The server “${request.server}” asks: ${request.message}`,
    'Answer',
    'Decline',
  );
  if (signal.aborted || answer === undefined) return { action: 'cancel' };
  if (answer === 'Decline') return { action: 'decline' };
  const fields = fieldsOf(request.schema);
  const content: Record<string, JsonValue> = {};
  for (const [index, field] of fields.entries()) {
    const title = `${request.server}: ${field.title}${fields.length > 1 ? ` (${index + 1} of ${fields.length})` : ''}`;
    const value = await askField(field, title, signal);
    if (value.kind === 'cancelled') return { action: 'cancel' };
    if (value.kind === 'value') content[field.name] = value.value;
  }
  return { action: 'accept', content };
}

function fieldsOf(schema: JsonObject): readonly Field[] {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? (schema['required'] as readonly JsonValue[]) : [];
  return Object.entries(properties).map(([name, value]) => {
    const property = isJsonObject(value) ? value : {};
    return {
      name,
      title: typeof property['title'] === 'string' ? property['title'] : name,
      description: typeof property['description'] === 'string' ? property['description'] : undefined,
      required: required.includes(name),
      schema: property,
    };
  });
}
