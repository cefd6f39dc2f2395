import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createValidator } from '../../../src/typings/validation/validate.js';
import { declared, errorsIn, toolOf } from '../typings/judged.js';
import { Room, stdio } from './room.js';
import { Window } from './window.js';

/** A room with the server under test and a healthy one beside it, which must not notice anything. */
async function beside(mode: string, option?: string | number, limits: Parameters<typeof Room.open>[0] = {}): Promise<Room> {
  return Room.open({ ...limits, config: { servers: { bad: stdio(mode, option), good: stdio() } } });
}

async function healthy(room: Room): Promise<void> {
  expect(await room.call('good', 'echo', { text: 'still well' })).toEqual({ ok: true, value: 'still well' });
}

describe('a server process that misbehaves', () => {
  it('never answers initialize: the call fails with the time, and it counts as a failed start', async () => {
    const room = await beside('never-initializes', undefined, { limits: { startTimeout: 2_000, probeTimeout: 1_000 } });
    const failure = await room.failure('bad', 'echo');
    expect(failure.sent).toBe('no');
    expect(failure.message).toMatch(/"bad" did not answer within 2 s of starting; see its log/);
    await healthy(room);
  });

  it('answers with a protocol version nobody knows', async () => {
    const room = await beside('wrong-version');
    const failure = await room.failure('bad', 'echo');
    expect(failure.message).toMatch(/^"bad" speaks protocol 1999-01-01, which is not known here; update the server\.$/);
    await healthy(room);
  });

  it('exits at once: what it wrote is in the sentence, and after three times only a person starts it again', async () => {
    const room = await beside('exits');
    await room.until('bad', 'failed');
    expect((await room.failure('bad', 'echo')).message).toMatch(/"bad" ended with code 7 before it was ready; see its log. It wrote: .*cannot find my settings/);
    expect((await room.failure('bad', 'echo')).message).toContain('crashed 3 times in a row: see its log');
    expect(room.server('bad').state.kind).toBe('crashed');
    const starts = room.server('bad').log.length;
    expect((await room.failure('bad', 'echo')).message).toMatch(/Start it again from its log or the servers view/);
    expect(room.server('bad').log).toHaveLength(starts);
    await expect(room.server('bad').start()).rejects.toThrow(/ended with code 7/);
    await healthy(room);
  });

  it('is a command that does not exist', async () => {
    const room = await Room.open({ config: { servers: { bad: { command: 'no-such-program-here' }, good: stdio() } } });
    expect((await room.failure('bad', 'echo')).message).toMatch(/"bad" could not be started: the command was not found; check "command" and PATH/);
    await healthy(room);
  });

  it('dies half way through a frame: the call may have taken effect, and the server comes back', async () => {
    const room = await beside('dies-in-frame');
    const failure = await room.failure('bad', 'trouble');
    expect(failure).toMatchObject({ name: 'CallFailure', sent: 'unknown' });
    expect(failure.message).toMatch(/^"bad" ended with code 3 during trouble; whether it took effect is not known\. Look before trying again\.$/);
    expect(await room.call('bad', 'echo', { text: 'back' })).toEqual({ ok: true, value: 'back' });
    await healthy(room);
  });

  it.skipIf(process.platform !== 'linux')('ends and leaves its pipes to another: a call in that moment, of which nothing was sent, is made by a new process', async () => {
    const room = await beside('leaves-its-pipes');
    const { value } = (await room.call('bad', 'pid')) as unknown as { value: { pid: number } };
    const lost = room.failure('bad', 'trouble');
    // Gone for good once its end was collected here, which is when it is known of.
    await expect.poll(() => existsSync(`/proc/${value.pid}`), { interval: 5, timeout: 20_000 }).toBe(false);
    expect(await room.call('bad', 'echo', { text: 'anew' })).toEqual({ ok: true, value: 'anew' });
    expect(await lost).toMatchObject({ sent: 'unknown', message: expect.stringContaining('"bad" ended with code 3') as string });
  });

  it('dies now and then, after a good while each time: that is never three times in a row', async () => {
    const room = await beside('dies', undefined, { limits: { healthyAfter: 0 } });
    for (let time = 0; time < 4; time++) {
      expect((await room.failure('bad', 'trouble')).message).toContain('ended with code 3');
      expect(await room.call('bad', 'echo', { text: 'a' })).toEqual({ ok: true, value: 'a' });
    }
  });

  it('dies three times in a row and stays down, as a state and not as a loop', async () => {
    const room = await beside('dies');
    for (let time = 0; time < 3; time++) await room.failure('bad', 'trouble');
    const state = await room.until('bad', 'crashed');
    expect(state).toMatchObject({ message: expect.stringMatching(/crashed 3 times in a row: see its log.*out of cheese/s) as string });
    expect(room.source('bad').state).toMatchObject({ kind: 'failed' });
    expect(room.source('bad').tools.length).toBeGreaterThan(0);
    await room.server('bad').start();
    expect(room.server('bad').state).toEqual({ kind: 'running' });
    await healthy(room);
  });

  it('writes logs to stdout: they are in its log, and it works', async () => {
    const room = await beside('logs-to-stdout');
    expect(await room.call('bad', 'echo', { text: 'a' })).toEqual({ ok: true, value: 'a' });
    expect(room.server('bad').log).toEqual(expect.arrayContaining(['[stdout] Server starting on stdio…', '[stdout] {"level":"info","msg":"ready"}']));
  });

  it('writes nothing but garbage: a failed start, with its log bounded', async () => {
    const room = await beside('garbage', undefined, { limits: { startTimeout: 2_000, probeTimeout: 1_000, logLines: 20 } });
    expect((await room.failure('bad', 'echo')).message).toMatch(/"bad" did not answer within/);
    expect(room.server('bad').log.length).toBeLessThanOrEqual(20);
    await healthy(room);
  });

  it.each(['huge', 'huge-hidden-id'])('sends 100 MB in one message (%s): that call fails, the connection goes on, memory stays bounded', async (mode) => {
    const room = await beside(mode, 100);
    await room.until('bad', 'running');
    const before = process.memoryUsage();
    let most = 0;
    const watch = setInterval(() => {
      const now = process.memoryUsage();
      most = Math.max(most, now.heapUsed + now.external - before.heapUsed - before.external);
    }, 5);
    const failure = await room.failure('bad', 'trouble');
    clearInterval(watch);
    expect(failure.sent).toBe('unknown');
    expect(failure.message).toMatch(/"bad" answered with more than can be taken. The answer is larger than 32 MB \(100 MB\)\. The call may have taken effect\. Look before trying again\.$/);
    expect(most).toBeLessThan(90 * 1024 * 1024);
    expect(await room.call('bad', 'echo', { text: 'same process' })).toEqual({ ok: true, value: 'same process' });
    expect(room.server('bad').log.filter((line) => line.startsWith('Started'))).toHaveLength(1);
    await healthy(room);
  });

  it('lists 50,000 tools: as many as are allowed are taken, and it says so', async () => {
    const room = await beside('many-tools', 50_000);
    await room.until('bad', 'running');
    expect(room.source('bad').tools).toHaveLength(10_000);
    expect(room.server('bad').notices).toEqual(['It lists more than 10000 tools; the rest is left out.']);
    await healthy(room);
  });

  it('paginates without end', async () => {
    const room = await beside('endless-pages', undefined, { limits: { pages: 40 } });
    await room.until('bad', 'running');
    expect(room.source('bad').tools).toHaveLength(40);
    expect(room.server('bad').notices).toEqual([expect.stringMatching(/more than 40 pages/)]);
  });

  it('paginates without end and with much on each page: what is held is bounded', async () => {
    const room = await beside('endless-bulk', undefined, { limits: { listSize: 8 * 1024 * 1024 } });
    await room.until('bad', 'running');
    expect(room.source('bad').tools).toHaveLength(7);
    expect(room.server('bad').notices).toEqual(['Its list (tools/list) is larger than 8 MB; reading ended after 7 entries.']);
    expect(JSON.stringify(room.source('bad').tools).length).toBeLessThan(200_000);
    await healthy(room);
  });

  it('repeats a cursor', async () => {
    const room = await beside('repeating-cursor');
    await room.until('bad', 'running');
    expect(room.source('bad').tools.map((tool) => tool.name)).toEqual(['first', 'after_a', 'after_b']);
    expect(room.server('bad').notices).toEqual([expect.stringMatching(/comes back to a page/)]);
  });

  it('paginates properly: every page is read', async () => {
    const room = await beside('pages');
    await Promise.all([room.until('bad', 'running'), room.until('good', 'running')]);
    expect(room.source('bad').tools.map((tool) => tool.name)).toEqual(room.source('good').tools.map((tool) => tool.name));
  });

  it('floods with notifications: its answer still comes, the log is thinned and says so, others are served meanwhile', async () => {
    const room = await beside('flood', 20_000);
    await room.until('bad', 'running');
    await room.until('good', 'running');
    let answered = 0;
    let flooding = true;
    const others = (async () => {
      while (flooding) {
        await healthy(room);
        answered++;
      }
    })();
    expect(await room.call('bad', 'trouble')).toEqual({ ok: true, value: 'flooded' });
    flooding = false;
    await others;
    expect(answered).toBeGreaterThan(0);
    expect(room.server('bad').log.length).toBeLessThanOrEqual(1000);
    expect(await room.call('bad', 'echo', { text: 'a' })).toEqual({ ok: true, value: 'a' });
  });

  it('floods with its progress: no more of it is looked at in a second than may be', async () => {
    const room = await beside('progress-flood', 50_000);
    expect(await room.call('bad', 'trouble')).toEqual({ ok: true, value: 'done' });
    expect(room.progress.length).toBeGreaterThan(0);
    // 500 in a second: more seconds than this takes on any machine.
    expect(room.progress.length).toBeLessThan(25_000);
    await healthy(room);
  });

  it('lists two tools by one name: one tool, marked', async () => {
    const room = await beside('duplicates');
    await room.until('bad', 'running');
    const echo = room.source('bad').tools.filter((tool) => tool.name === 'echo');
    expect(echo).toEqual([expect.objectContaining({ oddities: ['The server lists another tool by the same name; the first is the one described.'] })]);
    expect(echo[0]?.description).toBeUndefined();
  });

  it('lists tools a strict parser rejects: each is read for itself, the odd ones are marked', async () => {
    const room = await beside('odd-tools');
    await room.until('bad', 'running');
    const oddities = Object.fromEntries(room.source('bad').tools.map((tool) => [tool.name, tool.oddities]));
    expect(oddities).toEqual({
      untyped: ['Its input schema has no type; "object" was assumed.'],
      schemaless: ['It declares no input schema; any arguments are passed on.'],
      '': ['Its name is empty.'],
      listed: ['Its input schema is not an object; any arguments are passed on.'],
      texty: [expect.stringContaining('of type "string"')],
      strange: ['Its description is not a text and was left out.', 'Its output schema is not an object and was left out.'],
      fine: undefined,
    });
    expect(room.source('bad').tools.find((tool) => tool.name === 'untyped')?.inputSchema).toMatchObject({ type: 'object', properties: { a: { type: 'string' } } });
    expect(room.source('bad').tools.find((tool) => tool.name === 'strange')?.annotations).toEqual({ openWorldHint: true });
    expect(room.server('bad').notices).toEqual(['2 tools have no name and were left out.']);
  });

  it('lists tools whose schemas are absurd: each can still be called or says why not, and the others are as they were', async () => {
    const room = await beside('absurd-schemas');
    await room.until('bad', 'running');
    const tools = new Map(room.source('bad').tools.map((tool) => [tool.name, tool]));
    expect([...tools.keys()]).toEqual(expect.arrayContaining(['echo', 'nothing_fits', 'false_itself', 'itself', 'itself_by_turns', 'too_deep', 'proto', 'wrong_kinds']));
    expect(tools.get('too_deep')?.oddities).toEqual(['Its input schema nests more than 64 levels deep and was left out.']);
    expect(tools.get('false_itself')?.oddities).toEqual(['Its input schema is not an object; any arguments are passed on.']);
    const declarations = declared(...[...tools.values()].map(({ name, inputSchema }) => toolOf(name, inputSchema)));
    expect(errorsIn(declarations, "void shop.echo({ text: 'a' });", 'void shop.echo({ text: 1 });', 'void shop.tree({ children: [{ children: [] }] });')).toHaveLength(1);
    // What would take for ever here takes it in the editor.
    for (const { inputSchema } of tools.values()) createValidator(inputSchema)({ text: `${'a'.repeat(60)}!`, children: [{}], a: {} });
    expect(await room.call('bad', 'echo', { text: 'a' })).toEqual({ ok: true, value: 'a' });
    await healthy(room);
  });

  it('asks a person more than can be looked at: the rest is refused, and its call goes on', async () => {
    let asked = 0;
    const room = await Room.open({ config: { servers: { bad: stdio('nags'), good: stdio() } }, questions: { elicit: async (_request, signal) => new Promise((resolve) => (asked++, signal.addEventListener('abort', () => resolve({ action: 'cancel' })))) } });
    expect(await room.call('bad', 'trouble')).toEqual({ ok: true, value: 'asked' });
    await room.logged('bad', /It asks while 4 of its questions wait for an answer; that was refused/);
    expect(asked).toBe(4);
    await healthy(room);
  });

  it('ends while a person is asked: the question is withdrawn', async () => {
    let withdrawn = false;
    const room = await Room.open({ config: { servers: { bad: stdio('asks-and-dies') } }, questions: { elicit: async (_request, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve((withdrawn = true, { action: 'cancel' })))) } });
    expect((await room.failure('bad', 'trouble')).message).toMatch(/"bad" ended with code 3/);
    expect(withdrawn).toBe(true);
  });

  it('answers the list with no list', async () => {
    const room = await beside('no-list');
    await room.until('bad', 'running');
    expect(room.source('bad').tools).toEqual([]);
    expect(room.server('bad').notices).toEqual(['It answered tools/list without a list.']);
  });

  it('answers what nobody asked: ignored and logged', async () => {
    const room = await beside('unknown-ids');
    expect(await room.call('bad', 'trouble')).toEqual({ ok: true, value: 'to you' });
    expect(room.server('bad').log.filter((line) => line.includes('An answer to nothing that was asked'))).toHaveLength(2);
  });

  it('answers with what its schema excludes: the value is not lost, and it says so', async () => {
    const room = await beside('schema-lie');
    expect(await room.call('bad', 'trouble')).toEqual({
      ok: true,
      value: { count: 'seven' },
      notices: ['The answer is not what its output schema says: the answer.count is string, not integer.'],
    });
  });

  it('answers with content nobody knows: it is handed on as it is', async () => {
    const room = await beside('odd-content');
    expect(await room.call('bad', 'trouble')).toEqual({ ok: true, value: [{ type: 'hologram', data: 1 }, { type: 'text' }, 7, 'still here'] });
  });

  it('answers with a value nested beyond use', async () => {
    const room = await beside('deep', 100_000);
    const failure = await room.failure('bad', 'trouble');
    expect(failure.sent).toBe('unknown');
    expect(failure.message).toMatch(/"bad" ran trouble, but its answer nests more than 500 levels deep and cannot be used\. It may have taken effect: look before trying again, and ask it for less\./);
    expect(await room.call('bad', 'echo', { text: 'a' })).toEqual({ ok: true, value: 'a' });
  });

  it('hangs in a call: the call ends at its timeout and the server is told', async () => {
    const room = await beside('hangs', undefined, { limits: { callTimeout: 150 } });
    const failure = await room.failure('bad', 'trouble');
    expect(failure.sent).toBe('unknown');
    expect(failure.message).toMatch(/^"bad" did not answer trouble within 1 s and was told to stop; whether it took effect is not known\. Look before trying again; the setting codemode\.servers\.timeouts gives it more time\.$/);
    await room.logged('bad', /cancelled/);
    expect(await room.call('bad', 'echo', { text: 'a' })).toEqual({ ok: true, value: 'a' });
  });

  it('has its own timeout where a setting gives one', async () => {
    const room = await beside('hangs', undefined, { settings: { 'codemode.servers.timeouts': { bad: 0.1 } } });
    expect((await room.failure('bad', 'trouble')).message).toMatch(/within 1 s/);
  });

  it('fills stderr: the log keeps its last lines, cut', async () => {
    const room = await beside('chatty', 5_000, { limits: { logLines: 50, logLinesPerSecond: 1_000_000 } });
    await room.logged('bad', /line 4999/);
    expect(room.server('bad').log.length).toBeLessThanOrEqual(50);
    expect(Math.max(...room.server('bad').log.map((line) => line.length))).toBeLessThan(2_100);
  });
});

describe('a server process', () => {
  it('is not timed out while a person thinks about what it asked, and is after that', async () => {
    const answers = { elicit: async () => new Promise<{ action: 'decline' }>((resolve) => setTimeout(() => resolve({ action: 'decline' }), 700)) };
    const room = await Room.open({ config: { servers: { slow: stdio('asks-then-answers'), hangs: stdio('hangs') } }, limits: { callTimeout: 300 }, questions: answers });
    expect(await room.call('slow', 'trouble')).toEqual({ ok: true, value: 'decline' });
    expect(room.progress).toEqual([{ done: 0, message: 'It asks you something.' }]);
    expect((await room.failure('hangs', 'trouble')).message).toContain('did not answer trouble');
  });

  it('is cancelled where the run is', async () => {
    const room = await beside('hangs');
    await room.until('bad', 'running');
    const abort = new AbortController();
    const pending = room.failure('bad', 'trouble', {}, abort.signal);
    await room.logged('bad', /has the call/);
    abort.abort();
    expect(await pending).toMatchObject({ sent: 'unknown', message: expect.stringContaining('was cancelled') as string });
    await room.logged('bad', /cancelled/);
    // One that was stopped before is not sent at all.
    expect(await room.failure('bad', 'trouble', {}, AbortSignal.abort())).toMatchObject({ sent: 'no', message: expect.stringContaining('was cancelled before it was sent') as string });
  });

  it('tells its progress', async () => {
    const room = await beside('progress');
    await room.call('bad', 'trouble');
    expect(room.progress).toEqual([1, 2, 3].map((done) => ({ done, total: 3, message: `step ${done}` })));
  });

  it('tells its progress at length: what a person is shown of it is a line, with nothing hidden in it', async () => {
    const room = await beside('progress-bulk');
    await room.call('bad', 'trouble');
    expect(room.progress.map(({ message }) => message?.length)).toEqual([501, expect.any(Number)]);
    expect(room.progress[1]?.message).not.toContain('\u202e');
  });

  it('that ends when asked for its protocol version is started again as an older one', async () => {
    const room = await beside('ends-when-probed');
    expect(await room.call('bad', 'echo', { text: 'a' })).toEqual({ ok: true, value: 'a' });
    expect(room.server('bad').state.kind).toBe('running');
  });

  it('that is silent when asked for its protocol version is taken for an older one', async () => {
    const room = await beside('silent-when-probed', undefined, { limits: { probeTimeout: 100 } });
    expect(await room.call('bad', 'echo', { text: 'a' })).toEqual({ ok: true, value: 'a' });
  });

  it('changes its tools: they are read again', async () => {
    const room = await beside('changes');
    await room.call('bad', 'trouble', { name: 'brand_new' });
    await new Promise<void>((resolve) => {
      const seen = (): boolean => room.source('bad').tools.some((tool) => tool.name === 'brand_new');
      if (seen()) resolve();
      else room.source('bad').onDidChangeTools(() => seen() && resolve());
    });
    expect(room.source('bad').tools.map((tool) => tool.name)).toContain('brand_new');
  });

  it.skipIf(process.platform === 'win32')('is ended with everything it started, even what ignores being asked', async () => {
    const room = await beside('family');
    const { value } = (await room.call('bad', 'pid')) as unknown as { value: { pid: number; children: readonly number[] } };
    await room.server('bad').stop();
    expect([value.pid, ...value.children].filter(runs)).toEqual([]);
    expect(room.server('bad').state).toEqual({ kind: 'stopped' });
    expect((await room.failure('bad', 'echo')).message).toMatch(/"bad" was stopped. Start it again to use it/);
    await room.server('bad').start();
    expect(await room.call('bad', 'echo', { text: 'a' })).toEqual({ ok: true, value: 'a' });
  });

  it.skipIf(process.platform === 'win32')('is ended with everything it started when its window is left without a word', async () => {
    const room = await Room.open();
    const window = new Window(path.dirname(room.folder), JSON.stringify(stdio('family')));
    const { pid, children } = (await window.leave()) as { pid: number; children: readonly number[] };
    expect(children).toHaveLength(1);
    await expect.poll(() => [pid, ...children].filter(runs), { timeout: 20_000 }).toEqual([]);
  });
});

/** Whether a process does; one that has ended and waits to be collected does not. */
function runs(pid: number): boolean {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '')[0];
    return state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}
