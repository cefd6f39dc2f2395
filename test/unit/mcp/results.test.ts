import { describe, expect, it } from 'vitest';
import type { Attachment, Handle } from '../../../src/catalog/source.js';
import type { JsonObject } from '../../../src/json.js';
import { defaultLimits } from '../../../src/mcp/limits.js';
import { unwrapCompletion, unwrapPrompt, unwrapResource, unwrapToolResult } from '../../../src/mcp/offers/result.js';
import { mismatch } from '../../../src/mcp/offers/mismatch.js';
import { Room, stdio } from './room.js';

const kept: Attachment[] = [];
const keep = (attachment: Attachment): Handle => {
  kept.push(attachment);
  return { handle: `h${kept.length}`, mimeType: attachment.mimeType, bytes: attachment.data.length };
};
const value = (raw: JsonObject, limits = defaultLimits): unknown => {
  kept.length = 0;
  return unwrapToolResult(raw, keep, limits);
};
const text = (content: string): JsonObject => ({ type: 'text', text: content });

describe('a result of a tool, for a script', () => {
  it.each([
    ['structured content', { content: [text('ignored')], structuredContent: { a: 1 } }, { a: 1 }],
    ['structured content that is a list (2026-07-28)', { content: [], structuredContent: [1, 2] }, [1, 2]],
    ['structured content that is null', { content: [], structuredContent: null }, null],
    ['text', { content: [text('plain words')] }, 'plain words'],
    ['text that is a JSON object', { content: [text('{"a":1}')] }, { a: 1 }],
    ['text that is a JSON list', { content: [text(' [1]')] }, [1]],
    ['text that is a number', { content: [text('42')] }, 42],
    ['text that begins like JSON', { content: [text('[INFO] all well')] }, '[INFO] all well'],
    ['text that looks like a number', { content: [text('007')] }, '007'],
    ['several texts', { content: [text('Results:'), text('{"a":1}'), text('Done.')] }, ['Results:', { a: 1 }, 'Done.']],
    ['nothing', { content: [] }, undefined],
    ['no content at all', {}, undefined],
    ['an answer of the first protocol', { toolResult: { a: 1 } }, { a: 1 }],
    ['a resource link', { content: [{ type: 'resource_link', uri: 'a://b', name: 'b' }] }, { type: 'resource_link', uri: 'a://b', name: 'b' }],
    ['an embedded text', { content: [{ type: 'resource', resource: { uri: 'a://b', mimeType: 'text/x', text: 'x' } }] }, { uri: 'a://b', mimeType: 'text/x', text: 'x' }],
  ])('%s', (_, raw, expected) => {
    expect(value(raw as JsonObject)).toEqual({ ok: true, value: expected });
  });

  it('keeps bytes outside', () => {
    const raw = { content: [text('Look:'), { type: 'image', mimeType: 'image/png', data: 'AAEC' }, { type: 'audio', mimeType: 'audio/wav', data: 'AA==' }, { type: 'resource', resource: { uri: 'a://b.bin', blob: 'AAECAw==' } }] };
    expect(value(raw)).toEqual({
      ok: true,
      value: ['Look:', { handle: 'h1', mimeType: 'image/png', bytes: 3 }, { handle: 'h2', mimeType: 'audio/wav', bytes: 1 }, { handle: 'h3', mimeType: 'application/octet-stream', bytes: 4 }],
    });
    expect(kept.map((attachment) => [...attachment.data])).toEqual([[0, 1, 2], [0], [0, 1, 2, 3]]);
    expect(kept[2]?.name).toBe('a://b.bin');
  });

  it('keeps bytes that come beside structured content, and says so', () => {
    expect(value({ structuredContent: { a: 1 }, content: [{ type: 'image', mimeType: 'image/png', data: 'AAEC' }] })).toMatchObject({ ok: true, value: { a: 1 }, notices: [expect.stringContaining('h1')] });
  });

  it('says of links and texts that come beside structured content what they are, and not of all of very many', () => {
    const content = [text('{"a":1}'), { type: 'resource_link', uri: 'file:///a"b', name: 'a' }, { type: 'resource', resource: { uri: 'note://n', mimeType: 'text/markdown', text: '# n' } }, { type: 'resource_link' }, { type: 'resource' }, 7, { type: 'hologram' }];
    expect(value({ structuredContent: { a: 1 }, content })).toEqual({
      ok: true,
      value: { a: 1 },
      notices: ['It also links to the resource "file:///a\\"b".', 'It also answered with the resource "note://n", kept as {"handle":"h1","mimeType":"text/markdown","bytes":3}.', 'It also links to the resource null.'],
    });
    expect(kept[0]?.data.toString()).toBe('# n');
    const many = value({ structuredContent: 1, content: Array.from({ length: 5_000 }, (_, index) => ({ type: 'resource_link', uri: `a://${index}${'x'.repeat(10_000)}` })) }) as { notices: readonly string[] };
    expect([many.notices.length, many.notices.at(-1), many.notices.join('').length < 15_000]).toEqual([21, 'It also answered with 4980 more, which were left out.', true]);
  });

  it('keeps a text outside that is too long', () => {
    expect(value({ content: [text('x'.repeat(100))] }, { ...defaultLimits, inlineText: 50 })).toEqual({ ok: true, value: { handle: 'h1', mimeType: 'text/plain', bytes: 100 } });
  });

  it.each([
    [{ isError: true, content: [text('No such file')] }, { ok: false, message: 'No such file' }],
    [{ isError: true, content: [text('{"code":7}')] }, { ok: false, message: '{"code":7}', detail: { code: 7 } }],
    [{ isError: true, content: [text('Bad')], structuredContent: { code: 7 } }, { ok: false, message: 'Bad', detail: { code: 7 } }],
    [{ isError: true }, { ok: false, message: 'The tool failed and did not say why.' }],
  ])('is a failure a script can catch: %j', (raw, expected) => {
    expect(value(raw as JsonObject)).toEqual(expected);
  });

  it('of a completion is the texts among its values, and no more of them than anybody reads', () => {
    const values = Array.from({ length: 150 }, (_, index) => `value ${index}`);
    expect(unwrapCompletion({ completion: { values: [7, null, ...values], total: 150 } })).toEqual({ ok: true, value: values.slice(0, 100) });
    const odd: readonly JsonObject[] = [{ completion: null }, { completion: { values: 'none' } }, {}];
    expect(odd.map(unwrapCompletion)).toEqual([{ ok: true, value: [] }, { ok: true, value: [] }, { ok: true, value: [] }]);
  });

  it('of a resource or a prompt is its content', () => {
    expect(unwrapResource({ contents: [{ uri: 'a', mimeType: 'application/json', text: '{"a":1}' }] }, keep, defaultLimits)).toEqual({ ok: true, value: { a: 1 } });
    expect(unwrapResource({ contents: [{ uri: 'a', text: '{"a":1}' }] }, keep, defaultLimits)).toEqual({ ok: true, value: '{"a":1}' });
    expect(unwrapResource({ contents: [{ uri: 'a', text: '1' }, { uri: 'b', text: '2' }] }, keep, defaultLimits)).toEqual({ ok: true, value: [{ uri: 'a', text: '1' }, { uri: 'b', text: '2' }] });
    expect(unwrapPrompt({ messages: [{ role: 'assistant', content: text('Hello') }] }, keep, defaultLimits)).toEqual({ ok: true, value: { messages: [{ role: 'assistant', content: 'Hello' }] } });
  });
});

describe('a value and its schema', () => {
  it.each([
    [{ type: 'object', required: ['a'] }, {}, 'the answer has no "a"'],
    [{ type: 'object', properties: { a: { type: 'array', items: { type: 'string' } } } }, { a: ['x', 1] }, 'the answer.a[1] is integer, not string'],
    [{ $ref: '#/$defs/A', $defs: { A: { type: 'string' } } }, 1, 'the answer is integer, not string'],
    [{ type: ['string', 'null'] }, true, 'the answer is boolean, not string or null'],
    [{ enum: ['a', 'b'] }, 'c', 'the answer is none of its allowed values'],
  ])('%j excludes %j', (schema, answer, message) => {
    expect(mismatch(schema as JsonObject, answer)).toBe(message);
  });

  it.each([
    [{ type: 'number' }, 1],
    [{ type: 'object', properties: { a: { type: 'string' } } }, { b: 1 }],
    [{ anyOf: [{ type: 'string' }] }, 1],
    [{ $ref: 'https://elsewhere.example/schema' }, 1],
    [{ $ref: '#' }, 1],
    [{ $ref: '#/%E0%A4%A' }, 1],
    [true, 1],
  ])('%j has nothing against %j', (schema, answer) => {
    expect(mismatch(schema, answer)).toBeUndefined();
  });
});

describe('resources and prompts of a server', () => {
  it('are offered and read', async () => {
    const room = await Room.open({ config: { servers: { a: stdio('offers') } } });
    await room.until('a', 'running');
    const { resources, prompts } = room.source('a');
    expect(resources?.resources.map((resource) => resource.uri)).toEqual(['file:///a.json', 'file:///b.png']);
    expect(resources?.templates).toEqual([{ uriTemplate: 'file:///{name}', name: 'any file' }]);
    expect(await resources?.read('file:///a.json', room.context())).toEqual({ ok: true, value: { a: 1 } });
    expect(await resources?.read('file:///b.png', room.context())).toEqual({ ok: true, value: { handle: 'h1', mimeType: 'image/png', bytes: 3 } });
    expect(prompts?.prompts).toEqual([{ name: 'review', description: 'Reviews', arguments: [{ name: 'file', required: true }] }]);
    expect(await prompts?.get('review', { file: 'a.ts' }, room.context())).toEqual({ ok: true, value: { description: 'Reviews', messages: [{ role: 'user', content: 'Review a.ts' }] } });
  });

  it('are not offered by a server that has none', async () => {
    const room = await Room.open({ config: { servers: { a: stdio() } } });
    await room.until('a', 'running');
    expect([room.source('a').resources, room.source('a').prompts]).toEqual([undefined, undefined]);
  });
});
