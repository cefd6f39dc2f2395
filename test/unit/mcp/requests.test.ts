import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/json.js';
import { preferred, SamplingBudget } from '../../../src/mcp/requests/budget.js';
import { Room, stdio, type RoomOptions } from './room.js';

async function ask(room: Room, method: string, params: JsonObject = {}): Promise<unknown> {
  const result = await room.call('a', 'ask', { method, params });
  return (result as unknown as { value: { answer: { result?: unknown; error?: unknown } } }).value.answer;
}

const open = (questions: RoomOptions['questions'] = {}): Promise<Room> => Room.open({ config: { servers: { a: stdio() } }, questions });
const form = { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } } };

describe('what a server asks of us', () => {
  it('roots are the workspace folders', async () => {
    const room = await open();
    expect(await ask(room, 'roots/list')).toMatchObject({ result: { roots: [{ uri: pathToFileURL(room.folder).href, name: 'workspace' }] } });
  });

  it('a form is shown with the name of the server, and its answer goes back', async () => {
    const room = await open({ elicit: async () => ({ action: 'accept', content: { name: 'x', age: 3 } }) });
    expect(await ask(room, 'elicitation/create', { mode: 'form', message: 'Who?', requestedSchema: form })).toMatchObject({ result: { action: 'accept', content: { name: 'x', age: 3 } } });
    expect(room.elicitations).toEqual([{ mode: 'form', server: 'a', message: 'Who?', schema: form }]);
  });

  it('a form may be declined', async () => {
    expect(await ask(await open(), 'elicitation/create', { message: 'Who?', requestedSchema: form })).toMatchObject({ result: { action: 'decline' } });
  });

  it.each(['password', 'apiKey', 'github_token', 'pin'])('a form that asks for a secret (%s) is never shown', async (name) => {
    const room = await open();
    expect(await ask(room, 'elicitation/create', { message: 'Sign in', requestedSchema: { type: 'object', properties: { [name]: { type: 'string' } } } })).toMatchObject({ result: { action: 'decline' } });
    expect(room.elicitations).toEqual([]);
    expect(room.server('a').log.join('\n')).toMatch(/a secret is never given by form/);
  });

  it('an address is shown before it is opened', async () => {
    const room = await open({ elicit: async () => ({ action: 'accept' }) });
    expect(await ask(room, 'elicitation/create', { mode: 'url', message: 'Pay here', url: 'https://pay.example/1', elicitationId: '1' })).toMatchObject({ result: { action: 'accept' } });
    expect(room.elicitations).toEqual([{ mode: 'url', server: 'a', message: 'Pay here', url: 'https://pay.example/1' }]);
  });

  it.each(['javascript:alert(1)', 'file:///etc/passwd', 'vscode://settings', 'data:text/html,x', 'command:workbench.action.quit', ' JaVaScRiPt:alert(1)'])('an address that is no web page (%s) is refused unseen', async (url) => {
    const room = await open({ elicit: async () => ({ action: 'accept' }) });
    const answer = await ask(room, 'elicitation/create', { mode: 'url', message: 'Click', url, elicitationId: '1' });
    expect(JSON.stringify(answer)).not.toContain('accept');
    expect(room.elicitations).toEqual([]);
  });

  it('a text for the model is put to a person', async () => {
    const room = await open({ sample: async () => ({ model: 'some model', text: 'four' }) });
    const params = { messages: [{ role: 'user', content: { type: 'text', text: 'two and two' } }], systemPrompt: 'Count.', maxTokens: 20 };
    expect(await ask(room, 'sampling/createMessage', params)).toMatchObject({ result: { model: 'some model', role: 'assistant', content: { type: 'text', text: 'four' } } });
    expect(room.samplings).toEqual([{ server: 'a', systemPrompt: 'Count.', messages: [{ role: 'user', text: 'two and two' }], maxTokens: 20 }]);
  });

  it('a text for the model says which models are liked, and an answer that was cut says so', async () => {
    const room = await open({ sample: async () => ({ model: 'm', text: 'fo', cut: true }) });
    const params: JsonObject = { messages: [{ role: 'user', content: { type: 'text', text: 'x' } }], maxTokens: 1, modelPreferences: { hints: [{ name: 'claude' }, {}, { name: 'gpt' }] } };
    expect(await ask(room, 'sampling/createMessage', params)).toMatchObject({ result: { stopReason: 'maxTokens' } });
    expect(room.samplings[0]?.models).toEqual(['claude', 'gpt']);
  });

  it('a text for the model may be refused', async () => {
    expect(await ask(await open(), 'sampling/createMessage', { messages: [], maxTokens: 1 })).toMatchObject({ error: { message: expect.stringContaining('rejected') as string } });
  });

  it('anything else is refused, and the server goes on', async () => {
    const room = await open();
    expect(await ask(room, 'files/delete')).toMatchObject({ error: { code: -32601 } });
    expect(await room.call('a', 'echo', { text: 'x' })).toEqual({ ok: true, value: 'x' });
  });
});

describe('the use of a model by servers', () => {
  it('is covered by a yes until its budget is used, and no other server\u2019s', () => {
    const budget = new SamplingBudget(() => 100);
    expect([budget.covers('a', 1), budget.isUsedUp('a', 1)]).toEqual([false, false]);
    budget.allow('a');
    expect([budget.covers('a', 100), budget.covers('a', 101), budget.covers('b', 1)]).toEqual([true, false, false]);
    budget.spend('a', 60);
    expect([budget.covers('a', 40), budget.covers('a', 41), budget.isUsedUp('a', 41)]).toEqual([true, false, true]);
    budget.allow('a');
    expect([budget.covers('a', 100), budget.spent('a')]).toEqual([true, 60]);
  });

  it('is of the model it likes best among those there are, else of the first', () => {
    const model = (id: string) => ({ id, family: id, name: id.toUpperCase() });
    const models = [model('gpt-5'), model('claude-4')];
    expect(preferred(models, ['gemini', 'Claude'])?.id).toBe('claude-4');
    expect(preferred(models, ['gemini'])?.id).toBe('gpt-5');
    expect(preferred([], ['gemini'])).toBeUndefined();
  });
});
