import { describe, expect, test } from 'vitest';
import { CallFailure } from '../../../src/catalog/source.js';
import type { ConversationId, QuestionId } from '../../../src/ids.js';
import { foldRun } from '../../../src/runs/timeline.js';
import { allowOnce, allowRun, begin, conversation, fakeSource, skip, testRoom } from './room.js';

const read = { effect: 'read' } as const;
const repo = (): ReturnType<typeof fakeSource> =>
  fakeSource('repo', { read: { ...read, answer: ({ path }) => ({ ok: true, value: { path: path ?? '', text: 'hello' } }) }, write: { effect: 'staged' } }, { kind: 'builtin' });
const github = (): ReturnType<typeof fakeSource> =>
  fakeSource('github', { create_issue: { inputSchema: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] }, answer: ({ title }) => ({ ok: true, value: { created: title ?? null } }) }, close: {} });

describe('a run', () => {
  test('whose whole reach is allowed or staged starts without a question and returns its value', async () => {
    const room = testRoom([repo()]);
    const run = room.start("const { text } = await repo.read({ path: 'a.ts' }); await repo.write({ path: 'b.ts', text }); return text.length;");
    expect(await run.outcome).toEqual({ status: 'finished', value: { kind: 'inline', value: 5 } });
    expect(run.events.map((event) => event.type)).toEqual(['created', 'checked', 'started', 'callRequested', 'callDecided', 'callSent', 'callReturned', 'callRequested', 'callDecided', 'callSent', 'callReturned', 'ended']);
    expect(run.events.map((event) => event.seq)).toEqual(run.events.map((_, index) => index));
    expect(run.phase).toBe('ended');
    expect(await run.value()).toBe(5);
  });

  test('that does not pass the type check is rejected and reaches nothing', async () => {
    const source = repo();
    const run = testRoom([source]).start('/* error */ return repo.read({});');
    expect(await run.outcome).toMatchObject({ status: 'rejected', diagnostics: [{ code: 'TS2345' }] });
    expect(source.calls).toEqual([]);
    expect(run.events.some((event) => event.type === 'started')).toBe(false);
  });

  test('asks once before it starts when a tool it names is not allowed, and runs nothing until answered', async () => {
    const source = github();
    const room = testRoom([source]);
    const run = room.start("return github.create_issue({ title: 'x' });");
    const question = await room.question(run);
    expect(question).toMatchObject({ kind: 'start', dynamic: false, tools: [{ member: 'create_issue', decision: 'ask', why: 'github does not say what github.create_issue does.' }] });
    expect(run.phase).toBe('deciding');
    expect(source.calls).toEqual([]);
    expect(room.approvals.answer(question.id, { kind: 'start', allowed: true, grants: [{ source: 'github', kind: 'tool', name: 'create_issue' }] })).toBe(true);
    expect(await run.outcome).toEqual({ status: 'finished', value: { kind: 'inline', value: { created: 'x' } } });
    expect(source.calls).toEqual([{ tool: 'create_issue', args: { title: 'x' } }]);
  });

  test('that the developer does not let start is declined', async () => {
    const source = github();
    const room = testRoom([source]);
    const run = room.start("return github.create_issue({ title: 'x' });");
    const question = await room.question(run);
    room.approvals.answer(question.id, { kind: 'start', allowed: false, grants: [] });
    expect(await run.outcome).toMatchObject({ status: 'declined' });
    expect(source.calls).toEqual([]);
  });

  test('waits for a person, and not for its tool, while its source has one asked', async () => {
    const phases: string[] = [];
    const asking = fakeSource('vault', {
      open: {
        effect: 'read',
        answer: async (_, context) => {
          phases.push(run.phase);
          const over = context.asking!();
          phases.push(run.phase);
          over();
          over();
          phases.push(run.phase);
          return { ok: true, value: 1 };
        },
      },
    }, { kind: 'builtin' });
    const run = testRoom([asking]).start('return vault.open({});');
    expect(await run.outcome).toMatchObject({ status: 'finished' });
    expect(phases).toEqual(['running', 'waiting', 'running']);
  });

  test('a start grant covers only what the screen listed', async () => {
    const source = github();
    const room = testRoom([source]);
    const run = room.start("/* dynamic */ await github.create_issue({ title: 'x' }); return github['close']({});");
    const question = await room.question(run);
    room.approvals.answer(question.id, { kind: 'start', allowed: true, grants: ['create_issue', 'close'].map((name) => ({ source: 'github', kind: 'tool', name })) });
    const asked = await room.question(run, 'calls');
    expect(asked).toMatchObject({ kind: 'calls', calls: [{ member: 'close' }] });
    expect(room.approvals.answer(asked.id, allowOnce)).toBe(true);
    expect(await run.outcome).toMatchObject({ status: 'finished' });
  });

  test('calls granted ahead by the request need no question', async () => {
    const room = testRoom([github()]);
    const run = room.start("return github.create_issue({ title: 'x' });", { grants: [{ source: 'github', kind: 'tool', name: 'create_issue' }] });
    expect(await run.outcome).toMatchObject({ status: 'finished' });
  });

  test('a denied tool in the reach ends the run before anything runs, and names the rule', async () => {
    const source = repo();
    const room = testRoom([source], { rules: () => ({ user: [{ effect: 'deny', server: 'repo', tool: 'wr*', why: 'freeze' }], workspace: [] }) });
    const run = room.start("await repo.read({}); await repo.write({ path: 'x' });");
    expect(await run.outcome).toEqual({ status: 'declined', reason: 'Nothing ran: the script names repo.write (line 1), which is not allowed. Your rule says: Deny repo.wr*: freeze.' });
    expect(source.calls).toEqual([]);
  });

  test('a denied call throws DeniedError in the script and the run goes on', async () => {
    const room = testRoom([repo()], { rules: () => ({ user: [{ effect: 'deny', tool: 'write', when: [{ argument: 'path', glob: 'secret/**' }] }], workspace: [] }) });
    const run = room.start("const path = ['secret', 'a'].join('/'); try { await repo.write({ path }); } catch (error) { return error.name + ': ' + error.message; }");
    expect(await run.outcome).toEqual({ status: 'finished', value: { kind: 'inline', value: 'DeniedError: repo.write is not allowed and was not called. Your rule says: Deny *.write where path matches secret/**.' } });
  });

  test('a skipped call throws SkippedError that the script can catch', async () => {
    const source = github();
    const room = testRoom([source]);
    const run = room.start("try { await github.create_issue({ title: 'x' }); } catch (error) { return error.name; }");
    room.approvals.answer((await room.question(run)).id, begin);
    room.approvals.answer((await room.question(run, 'calls')).id, skip);
    expect(await run.outcome).toEqual({ status: 'finished', value: { kind: 'inline', value: 'SkippedError' } });
    expect(source.calls).toEqual([]);
  });

  test('the calls of a Promise.all are one question with a list', async () => {
    const source = github();
    const room = testRoom([source]);
    const run = room.start("return Promise.all([1, 2, 3].map((n) => github.create_issue({ title: `issue ${n}` })));");
    room.approvals.answer((await room.question(run)).id, begin);
    const question = await room.question(run, 'calls');
    expect(room.approvals.pending).toHaveLength(1);
    expect(question.kind === 'calls' && question.calls.map((call) => call.args)).toEqual([{ title: 'issue 1' }, { title: 'issue 2' }, { title: 'issue 3' }]);
    expect(run.phase).toBe('waiting');
    expect(room.approvals.answer(question.id, allowOnce)).toBe(true);
    expect(await run.outcome).toMatchObject({ status: 'finished' });
    expect(source.calls).toHaveLength(3);
  });

  test('an answer may be for some of the calls, with the rest still asked', async () => {
    const room = testRoom([github()]);
    const run = room.start("return (await Promise.allSettled([1, 2, 3].map((n) => github.create_issue({ title: `${n}` })))).map((r) => r.status);");
    room.approvals.answer((await room.question(run)).id, begin);
    const question = await room.question(run, 'calls');
    if (question.kind !== 'calls') throw new Error('unreachable');
    const [first, second, third] = question.calls.map((call) => call.call);
    expect(room.approvals.answer(question.id, { ...skip, only: [second!] })).toBe(true);
    expect(room.approvals.answer(question.id, { ...skip, only: [second!] })).toBe(false);
    expect(room.approvals.pending[0]).toMatchObject({ calls: [{ call: first }, { call: third }] });
    expect(room.approvals.answer(question.id, allowOnce)).toBe(true);
    expect(await run.outcome).toMatchObject({ value: { value: ['fulfilled', 'rejected', 'fulfilled'] } });
  });

  test('allowed for this run, later calls of the tool are not asked for, and those of the next run are', async () => {
    const room = testRoom([github()]);
    const source = "for (const n of [1, 2, 3]) await github.create_issue({ title: `${n}` });";
    const run = room.start(source);
    room.approvals.answer((await room.question(run)).id, begin);
    room.approvals.answer((await room.question(run, 'calls')).id, allowRun);
    expect(await run.outcome).toMatchObject({ status: 'finished' });
    expect(foldRun(run.events).calls.map((call) => call.why)).toEqual(['Allowed by the developer.', 'You allowed github.create_issue for this run.', 'You allowed github.create_issue for this run.']);
    const next = room.start(source);
    expect(await room.question(next)).toMatchObject({ kind: 'start' });
  });

  test('arguments edited before allowing are validated, sent and recorded', async () => {
    const source = github();
    const room = testRoom([source]);
    const run = room.start("return github.create_issue({ title: 'x' });");
    room.approvals.answer((await room.question(run)).id, begin);
    const question = await room.question(run, 'calls');
    const [call] = question.kind === 'calls' ? question.calls : [];
    const edited = (args: { readonly [key: string]: string | number }) => ({ ...allowOnce, decision: { ...allowOnce.decision, args } });
    expect(room.approvals.validate(question.id, call!.call, { title: 5 })).toMatchObject([{ path: 'title' }]);
    expect(room.approvals.answer(question.id, edited({ title: 5 }))).toBe(false);
    expect(source.calls).toEqual([]);
    expect(room.approvals.answer(question.id, edited({ title: 'better' }))).toBe(true);
    expect(await run.outcome).toMatchObject({ value: { value: { created: 'better' } } });
    expect(foldRun(run.events).calls).toMatchObject([{ edited: true, args: { value: { title: 'better' } } }]);
  });

  test('arguments that do not fit are never sent; the message names path, expectation and value', async () => {
    const source = github();
    const room = testRoom([source]);
    const run = room.start('try { await github.create_issue({ title: 42 }); } catch (error) { return error.name + ": " + error.message; }', { grants: [{ source: 'github', kind: 'tool', name: 'create_issue' }] });
    const outcome = await run.outcome;
    const text = outcome.status === 'finished' && outcome.value.kind === 'inline' ? JSON.stringify(outcome.value.value) : '';
    expect(text).toMatch(/^"ArgumentError: github\.create_issue was not called/);
    expect(text).toMatch(/title/);
    expect(text).toMatch(/string/);
    expect(text).toMatch(/42/);
    expect(source.calls).toEqual([]);
  });

  test('a tool that reports a failure throws ToolError, one that gives no answer throws CallFailure', async () => {
    const source = fakeSource(
      'files',
      {
        broken: { effect: 'read', answer: () => ({ ok: false, message: 'No such file.' }) },
        lost: { effect: 'read', answer: () => { throw new CallFailure('The server went away.', 'unknown'); } },
        refused: { effect: 'read', answer: () => { throw new CallFailure('The server is not running.', 'no'); } },
        buggy: { effect: 'read', answer: () => { throw new TypeError('oops'); } },
      },
      { kind: 'builtin' },
    );
    const run = testRoom([source]).start("const out = []; for (const f of [files.broken, files.lost, files.refused, files.buggy]) try { await f({}); } catch (e) { out.push(e.name + ': ' + e.message); } return out; files.broken(); files.lost(); files.refused(); files.buggy();");
    expect(await run.outcome).toMatchObject({
      value: {
        value: [
          'ToolError: No such file.',
          'CallFailure: The server went away. It was sent, and whether it took effect is not known: look before trying again.',
          'CallFailure: The server is not running.',
          'CallFailure: oops It was sent, and whether it took effect is not known: look before trying again.',
        ],
      },
    });
    expect(foldRun(run.events).calls.map((call) => [call.state, call.sent])).toEqual([['failed', 'answered'], ['unknown', 'unknown'], ['failed', 'no'], ['unknown', 'unknown']]);
  });

  test('Stop cannot be caught, withdraws the question and ends the run as cancelled', async () => {
    const source = github();
    const room = testRoom([source]);
    const run = room.start("try { await github.create_issue({ title: 'x' }); } catch {} await github.create_issue({ title: 'y' });");
    room.approvals.answer((await room.question(run)).id, begin);
    const question = await room.question(run, 'calls');
    run.stop();
    expect(await run.outcome).toEqual({ status: 'cancelled' });
    expect(room.approvals.pending).toEqual([]);
    expect(room.approvals.answer(question.id, allowOnce)).toBe(false);
    expect(source.calls).toEqual([]);
    expect(foldRun(run.events).calls).toMatchObject([{ state: 'failed', sent: 'no' }]);
  });

  test('Stop ends a run whose server does not heed it, and says that the call may have taken effect', async () => {
    let reached: () => void;
    const arrival = new Promise<void>((resolve) => (reached = resolve));
    const source = fakeSource('slow', { post: { answer: () => (reached(), new Promise(() => undefined)) } });
    const room = testRoom([source]);
    const run = room.start('await slow.post({});', { grants: [{ source: 'slow', kind: 'tool', name: 'post' }] });
    await arrival;
    run.stop();
    expect(await run.outcome).toEqual({ status: 'cancelled' });
    expect(foldRun(run.events).calls).toMatchObject([{ state: 'unknown', error: 'Stopped before the answer came: it may have taken effect.' }]);
  });

  test('Stop says of a call that waits for a server or a sign-in that it did not run, and of one that went on that it may have', async () => {
    let reached: () => void;
    const arrival = new Promise<void>((resolve) => (reached = resolve));
    const source = fakeSource('slow', {
      waits: { answer: (_, context) => (context.unsent!(), new Promise(() => undefined)) },
      goesOn: { answer: (_, context) => (context.unsent!()(), reached(), new Promise(() => undefined)) },
    });
    const room = testRoom([source]);
    const run = room.start('await Promise.all([slow.waits({}), slow.goesOn({})]);', { grants: ['waits', 'goesOn'].map((name) => ({ source: 'slow', kind: 'tool', name })) });
    await arrival;
    run.stop();
    expect(await run.outcome).toEqual({ status: 'cancelled' });
    expect(foldRun(run.events).calls).toMatchObject([
      { state: 'failed', sent: 'no', error: 'Stopped before anything was sent: it did not run.' },
      { state: 'unknown', error: 'Stopped before the answer came: it may have taken effect.' },
    ]);
  });

  test('Stop works while the script is checked and before it starts', async () => {
    const room = testRoom([github()]);
    const early = room.start('return 1;');
    early.stop();
    expect(await early.outcome).toEqual({ status: 'cancelled' });
    const asked = room.start("return github.create_issue({ title: 'x' });");
    await room.question(asked);
    asked.stop();
    expect(await asked.outcome).toEqual({ status: 'cancelled' });
    const stopped = new AbortController();
    stopped.abort();
    expect(await room.start('return 1;', { signal: stopped.signal }).outcome).toEqual({ status: 'cancelled' });
  });

  test('decisions that come twice, late, for another question or of the wrong kind do nothing', async () => {
    const source = github();
    const room = testRoom([source]);
    const run = room.start("return github.create_issue({ title: 'x' });");
    const start = await room.question(run);
    expect(room.approvals.answer(start.id, allowOnce)).toBe(false);
    expect(room.approvals.answer('nothing' as QuestionId, begin)).toBe(false);
    expect(room.approvals.answer(start.id, begin)).toBe(true);
    expect(room.approvals.answer(start.id, { kind: 'start', allowed: false, grants: [] })).toBe(false);
    const question = await room.question(run, 'calls');
    expect(room.approvals.answer(question.id, begin)).toBe(false);
    expect(room.approvals.answer(question.id, { ...allowOnce, only: [] })).toBe(false);
    expect(room.approvals.answer(question.id, allowOnce)).toBe(true);
    expect(room.approvals.answer(question.id, skip)).toBe(false);
    await run.outcome;
    expect(room.approvals.answer(question.id, allowOnce)).toBe(false);
    expect(source.calls).toHaveLength(1);
  });

  test('a call the script did not wait for is told as sent, not lost', async () => {
    const source = fakeSource('repo', { read: { effect: 'read', answer: () => new Promise((resolve) => setImmediate(() => resolve({ ok: true, value: 1 }))) } }, { kind: 'builtin' });
    const run = testRoom([source]).start('void repo.read({}); await null; await null; await null; return 1;');
    expect(await run.outcome).toMatchObject({ status: 'finished' });
    expect(foldRun(run.events).calls.map((call) => call.state)).toEqual(['returned']);
    expect(run.events.at(-1)?.type).toBe('ended');
  });

  test('a tool whose definition changes during the run is not called', async () => {
    const other = fakeSource('repo', { read: { effect: 'read', description: 'one' }, swap: { effect: 'read', answer: () => (other.setTools({ read: { effect: 'read', description: 'two' }, swap: { effect: 'read' } }), { ok: true, value: 1 }) } }, { kind: 'builtin' });
    const run = testRoom([other]).start('await repo.swap({}); try { await repo.read({}); } catch (error) { return error.message; }');
    expect(await run.outcome).toMatchObject({ value: { value: expect.stringMatching(/changed since this script was checked; it was not called/) as string } });
    expect(other.calls.map((call) => call.tool)).toEqual(['swap']);
  });

  test('console output is recorded as it comes', async () => {
    const run = testRoom([repo()]).start("console.log('one'); console.error('two');");
    await run.outcome;
    expect(foldRun(run.events).console).toEqual([{ level: 'log', text: 'one' }, { level: 'error', text: 'two' }]);
  });

  test('what a script threw is the outcome, with its place', async () => {
    const run = testRoom([repo()]).start("throw new TypeError('bad');");
    expect(await run.outcome).toMatchObject({ status: 'failed', error: { name: 'TypeError', message: 'bad', line: 1 } });
  });

  test('no more calls are in flight at once than the limit allows', async () => {
    let now = 0;
    let most = 0;
    const source = fakeSource('repo', { read: { effect: 'read', answer: async () => { most = Math.max(most, ++now); await new Promise(setImmediate); now -= 1; return { ok: true, value: null }; } } }, { kind: 'builtin' });
    const run = testRoom([source]).start('await Promise.all(Array.from({ length: 200 }, (_, n) => repo.read({ n })));', { limits: { inFlight: 7 } });
    expect(await run.outcome).toMatchObject({ status: 'finished' });
    expect(most).toBe(7);
    expect(source.calls).toHaveLength(200);
  });

  test('what it staged is told after its end', async () => {
    const room = testRoom([repo()]);
    const id = room.changeSets.stage(conversation, 2, 1);
    room.changeSets.stage('another' as ConversationId, 9);
    const run = room.start('await repo.write({});');
    await run.outcome;
    expect(run.events.at(-1)).toMatchObject({ type: 'staged', changeSet: id, files: 2, commits: 1 });
    room.changeSets.become(id, { state: { kind: 'applied', at: 1, commits: [{ sha: 'abc', message: 'm', repository: 'r' }] } });
    expect(run.events.at(-1)).toMatchObject({ type: 'applied', files: ['file-0', 'file-1'], commits: [{ sha: 'abc' }] });
    expect(foldRun(run.events).changes).toMatchObject([{ state: 'applied' }]);
  });

  test('why an Apply failed is told in its journal, each time anew, and to the model', async () => {
    const room = testRoom([]);
    const run = room.start('return 1;');
    const id = room.changeSets.stage(conversation, 1);
    await run.outcome;
    for (const failed of ['git commit failed: no comments', 'git commit failed: no comments', 'Nothing was applied: it is dirty']) {
      room.changeSets.become(id, { state: { kind: 'applying' } });
      room.changeSets.become(id, { state: { kind: 'open', failed } });
      expect(run.events.at(-1)).toMatchObject({ type: 'applyFailed', changeSet: id, message: failed });
    }
    expect(run.events.filter(({ type }) => type === 'applyFailed')).toHaveLength(3);
    expect(foldRun(run.events).changes).toMatchObject([{ state: 'applyFailed', message: 'Nothing was applied: it is dirty' }]);
    // Something in the set was changed: what was said of it is over.
    room.changeSets.become(id, { state: { kind: 'open' } });
    expect(run.events.filter(({ type }) => type === 'applyFailed')).toHaveLength(3);
  });

  test('ten thousand calls asked at once are one question, answered once', async () => {
    const source = github();
    const room = testRoom([source]);
    const run = room.start("await Promise.all(Array.from({ length: 10000 }, (_, n) => github.close({ n })));");
    room.approvals.answer((await room.question(run)).id, begin);
    const question = await room.question(run, 'calls');
    expect(room.approvals.pending).toHaveLength(1);
    expect(question.kind === 'calls' && question.calls.length).toBe(10_000);
    expect(room.approvals.answer(question.id, allowOnce)).toBe(true);
    expect(await run.outcome).toMatchObject({ status: 'finished' });
    expect(source.calls).toHaveLength(10_000);
  });
});
