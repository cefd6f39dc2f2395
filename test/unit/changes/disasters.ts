import fc from 'fast-check';
import { expect } from 'vitest';
import { nothingOpen } from '../../../src/catalog/workspace.js';
import { createChangeSets, type ChangeSetsRoom } from '../../../src/runs/changes/changeSets.js';
import { MemoryDisk, disks } from './memoryDisk.js';
import { become, Command, conflictsOf, didApply, didUndo, included, leaveOut, mayUndo, name, putOver, same, seen, stage, stagedOf, talk, told, view, which, type Model, type Name, type Place } from './stagingModel.js';

/* What befalls a window, its disk and its files at any single operation, beside the same reference. */

export class InMemory implements Place {
  readonly disk = new MemoryDisk();
  sets!: ChangeSetsRoom;

  constructor() {
    this.disk.makeDirectory('/w/project');
    this.disk.makeDirectory('/storage');
    this.disk.settle();
  }

  async open(): Promise<void> {
    disks.current = this.disk;
    this.sets = createChangeSets({ folders: () => [{ name: 'project', path: '/w/project' }], storage: '/storage', documents: nothingOpen, review: async () => 'discarded' });
    await this.sets.ready;
  }

  put(name: Name, text: string | undefined): void {
    if (text !== undefined && name === 'd/x' && this.files().has('d')) this.disk.put('/w/project/d', undefined);
    if (name === 'd') for (const each of ['/w/project/d/x', '/w/project/d']) this.disk.put(each, undefined);
    this.disk.put(`/w/project/${name}`, text);
  }

  files(): Map<string, string> {
    return new Map([...this.disk.tree('/w/project', true)].filter(([name]) => !name.endsWith('/')));
  }

  async dispose(): Promise<void> {
    await this.sets.dispose();
  }
}

type Act = 'apply' | 'undo' | 'write' | 'delete' | 'discard';
export interface Deed {
  readonly act: Act;
  readonly one: number;
  readonly file: Name;
}
const deed: fc.Arbitrary<Deed> = fc.record({ act: fc.constantFrom<Act[]>('apply', 'apply', 'apply', 'undo', 'undo', 'write', 'delete', 'discard'), one: which, file: name });
const nameOf = ({ act, one, file }: Deed): string => (act === 'undo' ? act : act === 'write' || act === 'delete' ? `${act} ${one} ${file}` : `${act} ${one}`);

/** The reference knows nothing of directories: one that is removed, and nothing else, is not applied. */
const isIdle = ({ act, one }: Deed, model: Model): boolean => act === 'apply' && included(model.talks[one]!).size === 0;

/** How it ended, for whoever still lives to hear it. */
async function perform({ act, one, file }: Deed, place: Place): Promise<{ readonly ok: boolean; readonly message: string }> {
  try {
    if (act === 'apply') return { message: '', ...(await place.sets.for(talk(one)).apply()) };
    if (act === 'undo') return { message: '', ...(await place.sets.undo()) };
    if (act === 'discard') await place.sets.for(talk(one)).discard();
    else if (act === 'write') await view(place, one).update(file, () => Buffer.from('four'));
    else await view(place, one).delete(file);
    return { ok: true, message: '' };
  } catch (error) {
    return { ok: false, message: String(error) };
  }
}

/** The reference after it; undefined where it cannot be done. */
function outcomeOf({ act, one, file }: Deed, before: Model, id: string): Model | undefined {
  const model: Model = { disk: before.disk, talks: [...before.talks], committed: before.committed, since: before.since.map((each) => [...each]), applied: [...before.applied] };
  if (act === 'apply') {
    if (included(before.talks[one]!).size === 0 || conflictsOf(before, before.talks[one]!).length > 0) return undefined;
    didApply(model, one, id);
  } else if (act === 'undo') {
    if (!mayUndo(before)) return undefined;
    didUndo(model);
  } else if (act === 'discard') become(model, one, new Map());
  else if (act === 'write') stage(model, one, [file, 'four']);
  else {
    const gone = seen(before, one, file) === undefined && file === 'd' ? 'd/x' : file;
    if (seen(before, one, gone) === undefined) return undefined;
    stage(model, one, [gone, undefined]);
  }
  return model;
}

/** The reference where it was not done; what it staged may have been kept all the same. */
function notDone(model: Model, done: Model | undefined, { act }: Deed): Model {
  return act === 'apply' || done === undefined ? model : { ...model, since: done.since };
}

/** After a crash: what is there must be one of the worlds that may be, wholly; the model goes on with that one. */
async function adopt(model: Model, place: Place, worlds: readonly Model[], note: string, sure = true): Promise<void> {
  const files = place.files();
  const world = worlds.find((one) => one.applied.at(-1)?.id === place.sets.undoable?.id && same(one.disk, files));
  expect(world, `${note}: ${JSON.stringify([...files])} is neither ${worlds.map((one) => JSON.stringify([...one.disk])).join(' nor ')}`).toBeDefined();
  Object.assign(model, world);
  for (const one of [0, 1]) {
    const there = JSON.stringify(Object.entries(await stagedOf(place, one)).sort());
    const kept = [...model.since[one]!].reverse().find((staged) => JSON.stringify(Object.entries(told(staged)).sort()) === there);
    expect(kept, `${note}: talk ${one} came back with ${there}`).toBeDefined();
    model.talks[one] = kept!;
    // What only the process had written, a power cut may still take.
    model.since[one] = sure ? [kept!] : [...model.since[one]!, kept!];
  }
}

function dice(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * (most + 1));
  };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
};

/** The window is killed at an operation, or the power is cut. */
export const killed = (what: Deed, at: number, powerCut?: number): Command<InMemory> => new Command(`${powerCut === undefined ? 'killed' : `power cut ${powerCut}`} at ${at} of ${nameOf(what)}`, async (model, place) => {
  if (isIdle(what, model)) return;
  const done = outcomeOf(what, model, place.sets.for(talk(what.one)).id);
  const died = new Promise<undefined>((resolve) => { place.disk.onFate = () => resolve(undefined); });
  place.disk.meet({ kind: 'die', at });
  const ended = await Promise.race([died, perform(what, place)]);
  await turns();
  place.disk.kill();
  place.disk.revive(powerCut === undefined ? undefined : dice(powerCut));
  await place.open();
  // What was told to have happened has; anything else may have or not, as a whole.
  const told = ended?.ok === true && (what.act === 'apply' || what.act === 'undo');
  if (told) expect(done, 'It was said to be done.').toBeDefined();
  await adopt(model, place, done === undefined ? [model] : told ? [done] : [done, notDone(model, done, what)], `after it was ${powerCut === undefined ? 'killed' : 'cut'} at ${at}`, powerCut !== undefined);
});

/** The disk refuses one operation, some, or all that come. */
export const refused = (what: Deed, at: number, times: number): Command<InMemory> => new Command(`refused from ${at}, ${times} times, in ${nameOf(what)}`, async (model, place) => {
  if (isIdle(what, model)) return;
  const done = outcomeOf(what, model, place.sets.for(talk(what.one)).id);
  place.disk.meet({ kind: 'refuse', at, times });
  const ended = await perform(what, place);
  await turns();
  place.disk.meet(undefined);
  const before = notDone(model, done, what);
  if (ended.ok && done !== undefined) Object.assign(model, done);
  else if (what.act === 'discard') Object.assign(model, done);
  if (ended.ok) return;
  // Told to be unfinished: it is ended when the window opens.
  if (ended.message.includes('yet: ')) {
    await place.sets.dispose();
    await place.open();
    await adopt(model, place, ended.message.includes('one way or the other') ? [before, done!] : [what.act === 'undo' && done !== undefined && !ended.message.includes('earlier') ? done : before], ended.message);
  }
});

/** Somebody else writes a file at any moment of an Apply: that is never lost. */
export const overtaken = (one: number, file: Name, at: number): Command<InMemory> => new Command(`apply ${one}, ${file} changed at ${at}`, async (model, place) => {
  if (included(model.talks[one]!).size === 0) return;
  const { id } = place.sets.for(talk(one));
  // Never what is there already: that would be no change.
  const theirs = `theirs ${at}, ${model.disk.get(file) ?? ''}`;
  place.disk.meet({ kind: 'elsewhere', at, reads: true, act: () => place.put(file, theirs) });
  const outcome = await place.sets.for(talk(one)).apply();
  const { befallen } = place.disk;
  place.disk.meet(undefined);
  if (outcome.ok) didApply(model, one, id);
  if (befallen) putOver(model.disk, file, theirs);
});

export const disasters = [
  fc.tuple(which, fc.boolean()).map(([one, out]) => new Command<InMemory>(`${out ? 'leave out' : 'include'} all(${one})`, (model, place) => leaveOut(model, place, one, out))),
  fc.tuple(deed, fc.integer({ min: 1, max: 60 }), fc.option(fc.nat(), { nil: undefined })).map(([what, at, powerCut]) => killed(what, at, powerCut)),
  fc.tuple(deed, fc.integer({ min: 1, max: 60 }), fc.constantFrom(1, 1, 2, 5, 1_000)).map(([what, at, times]) => refused(what, at, times)),
  fc.tuple(which, fc.constantFrom<Name[]>('a', 'b', 'c'), fc.integer({ min: 1, max: 120 })).map(([one, file, at]) => overtaken(one, file, at)),
];
