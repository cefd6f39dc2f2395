import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { ConversationId, RunId } from '../../../src/ids.js';
import type { WorkspaceView } from '../../../src/catalog/workspace.js';
import type { StagedSet } from '../../../src/runs/changes/stagedSet.js';
import type { ChangeSetsRoom } from '../../../src/runs/changes/changeSets.js';

/*
 * Staging, Apply and undo of two conversations beside a plain reference: what is read is what was staged, the disk
 * changes by Apply, undo and other people alone, and neither is ever half done.
 */

/** Where a model is tried: on a disk in memory, or on the real one. */
export interface Place {
  readonly sets: ChangeSetsRoom;
  /** Somebody else puts a file there, in place of whatever is in the way, or takes away what is there. */
  put(name: Name, text: string | undefined): void;
  /** Files of the workspace, none of ours left beside them. */
  files(): Map<string, string>;
  /** Opens the stored change sets, as a new window does. */
  open(): Promise<void>;
  dispose(): Promise<void>;
}

/** `d` is a file and a directory in turn. */
export const names = ['a', 'b', 'c', 'd', 'd/x'] as const;
export type Name = (typeof names)[number];
export type Files = Map<Name, string>;
/** `out`: left out of the next Apply. */
export type Staged = ReadonlyMap<Name, { readonly base: string | undefined; readonly now: string | undefined; readonly out?: boolean }>;

export interface Model {
  disk: Files;
  /** What each conversation has staged. */
  readonly talks: Staged[];
  /** Files that a staged commit holds: they stay staged when they come back to what they were. */
  readonly committed: readonly Set<Name>[];
  /** What a crash may leave of it: everything it was since it was last known to be kept. */
  readonly since: Staged[][];
  /** What each Apply found and made, oldest first. */
  readonly applied: { readonly id: string; readonly changes: ReadonlyMap<Name, { readonly before: string | undefined; readonly after: string | undefined }> }[];
}

export const newModel = (): Model => ({ disk: new Map(), talks: [new Map(), new Map()], committed: [new Set(), new Set()], since: [[new Map()], [new Map()]], applied: [] });
export const talk = (which: number): ConversationId => `talk ${which}` as ConversationId;
export const run = 'run-1' as RunId;
export const view = (place: Place, which: number): WorkspaceView => place.sets.view(talk(which), run, new AbortController().signal);

export function seen(model: Model, which: number, name: Name): string | undefined {
  const entry = model.talks[which]!.get(name);
  return entry === undefined ? model.disk.get(name) : entry.now;
}

export function stage(model: Model, which: number, ...edits: readonly (readonly [Name, string | undefined])[]): void {
  const next = new Map(model.talks[which]);
  for (const [name, now] of edits) {
    const known = next.get(name);
    const base = known === undefined ? model.disk.get(name) : known.base;
    if (base === now && !model.committed[which]!.has(name)) next.delete(name);
    else next.set(name, { base, now, ...(known?.out === true && { out: true }) });
    become(model, which, new Map(next));
  }
}

export function become(model: Model, which: number, staged: Staged): void {
  model.talks[which] = staged;
  model.since[which]!.push(staged);
}

export function put(disk: Files, name: Name, text: string | undefined): void {
  if (text === undefined) disk.delete(name);
  else disk.set(name, text);
}

/** As {@link Place.put}: what is in the way goes. */
export function putOver(disk: Files, name: Name, text: string | undefined): void {
  if (name === 'd') disk.delete('d/x');
  if (text !== undefined && name === 'd/x') disk.delete('d');
  put(disk, name, text);
}

export const after = (disk: Files, changes: Iterable<readonly [Name, string | undefined]>): Files => {
  const next = new Map(disk);
  for (const [name, text] of changes) put(next, name, text);
  return next;
};

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What a conversation has staged, as its set tells it. */
export async function stagedOf(place: Place, which: number): Promise<Record<string, string>> {
  const set = place.sets.open.find((one) => one.conversation === talk(which));
  const found: Record<string, string> = {};
  for (const file of set?.files ?? []) {
    const now = await set!.content(file.path, 'staged').then((bytes) => (bytes === undefined ? undefined : Buffer.from(bytes).toString()));
    if (file.from !== undefined && file.baseHash !== undefined) found[file.from.path] = `${file.baseHash} -> `;
    const base = file.from === undefined ? file.baseHash : undefined;
    // What has come back to what it was is kept where a staged commit holds another version of it.
    if (base !== (now === undefined ? undefined : hashOf(now))) found[file.path] = `${base ?? ''} -> ${now ?? ''}`;
  }
  const out = (set as StagedSet | undefined)?.staged.all().flatMap((entry) => (entry.excluded ? [names.find((each) => entry.absolute.endsWith(`/project/${each}`))!] : [])) ?? [];
  if (out.length > 0) found['left out'] = out.sort().join(', ');
  return found;
}

export function told(staged: Staged): Record<string, string> {
  const out = [...staged].flatMap(([name, each]) => (each.out === true ? [name] : [])).sort().join(', ');
  return { ...changesTold(staged), ...(out !== '' && { 'left out': out }) };
}

function changesTold(staged: Staged): Record<string, string> {
  return Object.fromEntries([...staged].filter(([, { base, now }]) => base !== now).map(([name, { base, now }]) => [name, `${base === undefined ? '' : hashOf(base)} -> ${now ?? ''}`]));
}

/** Everything that can be seen must be as the reference says. Assertions are dear: they are made where something differs. */
export async function compare(model: Model, place: Place): Promise<void> {
  const files = place.files();
  if (!same(files, model.disk)) expect(files).toEqual(model.disk);
  for (const which of [0, 1]) {
    const through = view(place, which);
    for (const name of names) {
      const there = await through.stat(name);
      const read = there?.type === 'file' ? Buffer.from((await through.read(name)).bytes).toString() : undefined;
      if (read !== seen(model, which, name)) expect(read, `${name} in talk ${which}`).toBe(seen(model, which, name));
    }
    const staged = await stagedOf(place, which);
    const expected = told(model.talks[which]!);
    if (!same(new Map(Object.entries(staged)), new Map(Object.entries(expected)))) expect(staged, `staged in talk ${which}`).toEqual(expected);
  }
  if (place.sets.undoable?.id !== model.applied.at(-1)?.id) expect(place.sets.undoable?.id).toBe(model.applied.at(-1)?.id);
}

export const same = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean => a.size === b.size && [...a].every(([file, text]) => b.get(file) === text);

export class Command<P extends Place = Place> implements fc.AsyncCommand<Model, P> {
  constructor(
    private readonly text: string,
    private readonly step: (model: Model, place: P) => Promise<void>,
  ) {}
  check(): boolean {
    return true;
  }
  async run(model: Model, place: P): Promise<void> {
    await this.step(model, place);
    await compare(model, place);
  }
  toString(): string {
    return this.text;
  }
}

export const text = fc.constantFrom('one', 'two', 'three');
export const which = fc.nat(1);
export const name = fc.constantFrom(...names);

/** A file cannot stand where a directory is, nor below a file; what exactly is in the way, the real one knows better. */
const mayBeBlocked = (name: Name): boolean => name.startsWith('d');

export const included = (staged: Staged): Staged => new Map([...staged].filter(([, each]) => each.out !== true));
const leftOut = (staged: Staged): Staged => new Map([...staged].filter(([, each]) => each.out === true));

/** What a change set would meet now: files that are not what they were, nor what they shall be. */
export const conflictsOf = (model: Model, staged: Staged): string[] => [...included(staged)].filter(([file, { base, now }]) => model.disk.get(file) !== base && model.disk.get(file) !== now).map(([file]) => file).sort();

export async function apply(model: Model, place: Place, which: number): Promise<void> {
  const staged = included(model.talks[which]!);
  if (model.talks[which]!.size === 0) return;
  const set = place.sets.for(talk(which));
  const outcome = await set.apply();
  const conflicts = outcome.ok ? [] : outcome.conflicts.map((conflict) => conflict.path).sort();
  if ([...staged.keys()].some(mayBeBlocked)) expect(conflicts).toEqual(expect.arrayContaining(conflictsOf(model, staged)));
  else expect(conflicts).toEqual(conflictsOf(model, staged));
  if (staged.size === 0) return expect(outcome).toMatchObject({ ok: false, message: expect.stringContaining('everything is left out') as string });
  if (!outcome.ok) {
    expect(conflicts, outcome.message).not.toEqual([]);
    return;
  }
  didApply(model, which, set.id);
}

export function didApply(model: Model, which: number, id: string): void {
  const staged = included(model.talks[which]!);
  model.applied.push({ id, changes: new Map([...staged].map(([file, { now }]) => [file, { before: model.disk.get(file), after: now }])) });
  model.disk = after(model.disk, [...staged].map(([file, { now }]) => [file, now]));
  model.talks[which] = leftOut(model.talks[which]!);
  model.committed[which]!.clear();
  model.since[which] = [model.talks[which]];
}

export function mayUndo(model: Model): boolean {
  const last = model.applied.at(-1);
  return last !== undefined && [...last.changes].every(([file, change]) => model.disk.get(file) === change.after);
}

export async function undo(model: Model, place: Place): Promise<void> {
  const possible = mayUndo(model);
  const outcome = await place.sets.undo();
  if (possible && !outcome.ok && [...model.applied.at(-1)!.changes.keys()].some(mayBeBlocked)) expect(outcome.message).toContain('nothing was undone');
  else expect(outcome.ok, outcome.ok ? '' : outcome.message).toBe(possible);
  if (outcome.ok) didUndo(model);
}

export function didUndo(model: Model): void {
  model.disk = after(model.disk, [...model.applied.pop()!.changes].map(([file, { before }]) => [file, before]));
}

export async function write(model: Model, place: Place, which: number, file: Name, content: string): Promise<void> {
  const done = await view(place, which).update(file, () => Buffer.from(content)).then(() => true, () => false);
  if (!mayBeBlocked(file)) expect(done).toBe(true);
  if (done) stage(model, which, [file, content]);
}

export async function remove(model: Model, place: Place, which: number, file: Name): Promise<void> {
  const content = seen(model, which, file);
  const below = file === 'd' ? seen(model, which, 'd/x') : undefined;
  const done = await view(place, which).delete(file).then(() => true, () => false);
  if (content !== undefined || below !== undefined) expect(done).toBe(true);
  else if (!mayBeBlocked(file)) expect(done).toBe(false);
  if (done && content !== undefined) stage(model, which, [file, undefined]);
  else if (done && below !== undefined) stage(model, which, ['d/x', undefined]);
}

export async function rename(model: Model, place: Place, which: number, from: Name, to: Name): Promise<void> {
  const content = seen(model, which, from);
  // A directory moves with what is in it, to names there are none of here.
  if (from === 'd' && content === undefined) return;
  const possible = content !== undefined && from !== to && seen(model, which, to) === undefined;
  const done = await view(place, which).rename(from, to).then(() => true, () => false);
  if (!mayBeBlocked(from) && !mayBeBlocked(to)) expect(done).toBe(possible);
  if (done) stage(model, which, [from, undefined], [to, content]);
}

/** Everything staged by now is left out of the next Apply, or nothing of it is. */
export async function leaveOut(model: Model, place: Place, which: number, out: boolean): Promise<void> {
  const set = place.sets.open.find((one) => one.conversation === talk(which));
  if (set === undefined || set.files.some((file) => file.from !== undefined)) return;
  for (const file of set.files) set.setExcluded(file.path, out);
  const shown = new Set(set.files.map((file) => file.path));
  become(model, which, new Map([...model.talks[which]!].map(([name, { base, now, out: was }]) => [name, { base, now, ...((shown.has(name) ? out : was === true) && { out: true }) }])));
}

export async function reload(model: Model, place: Place): Promise<void> {
  await place.sets.dispose();
  await place.open();
  for (const each of [0, 1]) model.since[each] = [model.talks[each]!];
}

/** Everything that can be done in any place. */
export const commands = [
  fc.tuple(which, name, text).map(([one, file, content]) => new Command(`write(${one}, ${file}, ${content})`, (model, place) => write(model, place, one, file, content))),
  fc.tuple(which, name).map(([one, file]) => new Command(`delete(${one}, ${file})`, (model, place) => remove(model, place, one, file))),
  fc.tuple(which, name, fc.constantFrom(...names.filter((each) => !each.startsWith('d')))).map(([one, from, to]) => new Command(`rename(${one}, ${from}, ${to})`, (model, place) => rename(model, place, one, from, to))),
  fc.tuple(name, fc.option(text, { nil: undefined })).map(([file, content]) => new Command(`disk(${file}, ${content ?? 'gone'})`, async (model, place) => {
    place.put(file, content);
    putOver(model.disk, file, content);
  })),
  which.map((one) => new Command(`apply(${one})`, (model, place) => apply(model, place, one))),
  fc.constant(new Command('undo', undo)),
  which.map((one) => new Command(`discard(${one})`, async (model, place) => {
    await place.sets.for(talk(one)).discard();
    become(model, one, new Map());
  })),
  fc.constant(new Command('reload', reload)),
];
