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

  it('roots that change in the middle of a call are told, and are the new ones when asked for again', async () => {
    const room = await Room.open({ config: { servers: { a: stdio('asks-then-answers') } }, questions: { elicit: async () => {
      room.added.push('second');
      room.changed.fire();
      await room.logged('a', /roots changed/);
      return { action: 'decline' };
    } } });
    expect(await room.call('a', 'trouble')).toEqual({ ok: true, value: 'decline' });
    expect(await ask(room, 'roots/list')).toMatchObject({ result: { roots: [{ name: 'workspace' }, { name: 'second' }] } });
  });

  it('a form is shown with the name of the server, and its answer goes back', async () => {
    const room = await open({ elicit: async () => ({ action: 'accept', content: { name: 'x', age: 3 } }) });
    expect(await ask(room, 'elicitation/create', { mode: 'form', message: 'Who?', requestedSchema: form })).toMatchObject({ result: { action: 'accept', content: { name: 'x', age: 3 } } });
    expect(room.elicitations).toEqual([{ mode: 'form', server: 'a', message: 'Who?', schema: form }]);
  });

  it('a form may be declined', async () => {
    expect(await ask(await open(), 'elicitation/create', { message: 'Who?', requestedSchema: form })).toMatchObject({ result: { action: 'decline' } });
  });

  it.each<[string, JsonObject, string?]>([
    ['password', { type: 'string' }],
    ['apiKey', { type: 'string' }],
    ['github_token', { type: 'string' }],
    ['pin', { type: 'integer' }],
    ['value', { type: 'string', title: 'Passphrase' }],
    ['value', { type: 'string', description: 'Paste your access token here' }],
    ['value', { type: 'string' }, 'Please enter your password to go on.'],
  ])('a form that asks for a secret (%s %j) is never shown', async (name, field, message = 'Sign in') => {
    const room = await open();
    expect(await ask(room, 'elicitation/create', { message, requestedSchema: { type: 'object', properties: { [name]: field } } })).toMatchObject({ result: { action: 'decline' } });
    expect(room.elicitations).toEqual([]);
    expect(room.server('a').log.join('\n')).toMatch(/a secret is never given by form/);
  });

  it.each<[string, JsonObject]>([
    ['max_tokens', { type: 'integer' }],
    ['tokenizer', { type: 'string', enum: ['fast', 'slow'] }],
    ['colour', { type: 'string', oneOf: [{ const: '#f00', title: 'Red' }] }],
    ['colours', { type: 'array', items: { type: 'string', enum: ['red', 'blue'] }, minItems: 1 }],
    ['rotate', { type: 'boolean', description: 'Rotate the password?' }],
  ])('a form that only sounds like it (%s) is shown', async (name, field) => {
    const room = await open();
    await ask(room, 'elicitation/create', { message: 'Settings', requestedSchema: { type: 'object', properties: { [name]: field } } });
    expect(room.elicitations).toHaveLength(1);
  });

  it('a form of more fields than anybody fills in is declined', async () => {
    const room = await open();
    const many = Object.fromEntries(Array.from({ length: 41 }, (_, index) => [`f${index}`, { type: 'boolean' }]));
    expect(await ask(room, 'elicitation/create', { message: 'x', requestedSchema: { type: 'object', properties: many } })).toMatchObject({ result: { action: 'decline' } });
    expect(room.elicitations).toEqual([]);
    expect(room.server('a').log.join('\n')).toMatch(/41 things in one form/);
  });

  it('the texts of a form hide nothing from who reads them', async () => {
    const room = await open();
    await ask(room, 'elicitation/create', { message: 'Hi\u202e', requestedSchema: { type: 'object', properties: { name: { type: 'string', title: 'Na\u200bme' } } } });
    expect(JSON.stringify(room.elicitations)).not.toMatch(/[\u202e\u200b]/);
  });

  it('an address is shown before it is opened', async () => {
    const room = await open({ elicit: async () => ({ action: 'accept' }) });
    expect(await ask(room, 'elicitation/create', { mode: 'url', message: 'Pay here', url: 'https://pay.example/1', elicitationId: '1' })).toMatchObject({ result: { action: 'accept' } });
    expect(room.elicitations).toEqual([{ mode: 'url', server: 'a', message: 'Pay here', url: 'https://pay.example/1' }]);
  });

  it('a call that wants a page visited first is made again once that is done, as the server or the person says', async () => {
    const visits: string[] = [];
    const questions: RoomOptions['questions'] = {
      elicit: async (request) => (visits.push(request.mode === 'url' ? request.url : ''), { action: 'accept' }),
      finished: async (_server, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(false))),
    };
    const told = await Room.open({ config: { servers: { a: stdio('wants-a-page') } }, questions });
    expect(await told.call('a', 'trouble', { tells: true })).toEqual({ ok: true, value: 'now it works' });
    const said = await Room.open({ config: { servers: { a: stdio('wants-a-page') } }, questions: { ...questions, finished: async () => true } });
    expect(await said.call('a', 'trouble')).toEqual({ ok: true, value: 'now it works' });
    expect(visits).toEqual(['https://example.com/connect', 'https://example.com/connect']);
    const both = await Room.open({ config: { servers: { a: stdio('wants-a-page', 'twice') } }, questions: { ...questions, finished: async () => new Promise((resolve) => setTimeout(() => resolve(true), 100)) } });
    expect(await Promise.all([both.call('a', 'trouble'), both.call('a', 'trouble')])).toEqual([1, 2].map(() => ({ ok: true, value: 'now it works' })));
    expect(both.elicitations).toHaveLength(1);
  });

  it('a call that wants a page visited fails where nobody does, and never sends anybody to what is no web page or in circles', async () => {
    const room = await Room.open({ config: { servers: { a: stdio('wants-a-page') } } });
    const failure = await room.failure('a', 'trouble', { url: 'https://example.com/' });
    expect(failure).toMatchObject({ sent: 'no', message: '"a" needs you to open a page before trouble, which was not done. Call it again to be asked again.' });
    expect(await room.call('a', 'trouble', { url: 'javascript:alert(1)' })).toMatchObject({ ok: false, message: expect.stringContaining('Connect first') as string });
    expect(room.elicitations).toHaveLength(1);
    const circles = await Room.open({ config: { servers: { a: stdio('wants-a-page') } }, questions: { elicit: async () => ({ action: 'accept' }), finished: async () => true } });
    expect(await circles.call('a', 'trouble', { url: 'https://example.com/' })).toMatchObject({ ok: false });
    expect(circles.elicitations).toHaveLength(3);
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

  it('a text for the model hides nothing from the person who sees it, and is not without end', async () => {
    const room = await open({ sample: async () => ({ model: 'm', text: 'x' }) });
    const params = (text: string): JsonObject => ({ messages: [{ role: 'user', content: [{ type: 'text', text }, { type: 'text', text: 'more' }] }], systemPrompt: 'Be\u200b nice', maxTokens: 20 });
    await ask(room, 'sampling/createMessage', params('Hello \u202eworld'));
    expect(room.samplings[0]?.messages).toHaveLength(2);
    expect(JSON.stringify(room.samplings)).not.toMatch(/[\u202e\u200b]/);
    expect(await ask(room, 'sampling/createMessage', params('x'.repeat(4_000_001)))).toMatchObject({ error: { message: expect.stringContaining('longer than any model takes') as string } });
    const image: JsonObject = { messages: [{ role: 'user', content: { type: 'image', data: 'AAAA', mimeType: 'image/png' } }], maxTokens: 20 };
    expect(await ask(room, 'sampling/createMessage', image)).toMatchObject({ error: { message: expect.stringContaining('Only text') as string } });
    expect(room.samplings).toHaveLength(1);
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
