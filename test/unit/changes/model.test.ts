import fc from 'fast-check';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ConversationId } from '../../../src/ids.js';
import { Workshop, bytes } from './workshop.js';

/*
 * Staging, Apply and undo of two conversations over real files, against a plain reference, with the disk changed by
 * others, reloads and discards in between: what is read is what was staged, the disk changes by Apply and undo alone,
 * and neither is ever half done. CODE_MODE_MODEL_MS lengthens the search.
 */
const searchMs = Number(process.env['CODE_MODE_MODEL_MS'] ?? 6_000);
const names = ['a', 'b', 'c', 'd'] as const;
type Name = (typeof names)[number];
type Disk = Map<Name, string>;
type Staged = Map<Name, { readonly base: string | undefined; readonly now: string | undefined }>;

interface Model {
  readonly disk: Disk;
  readonly talks: readonly Staged[];
  /** What each Apply found and made, oldest first. */
  readonly applied: ReadonlyMap<Name, { readonly before: string | undefined; readonly after: string | undefined }>[];
}

class World {
  readonly shop = new Workshop();
  readonly talk = (which: number): ConversationId => `talk ${which}` as ConversationId;
}

const seen = (model: Model, which: number, name: Name): string | undefined => {
  const entry = model.talks[which]!.get(name);
  return entry === undefined ? model.disk.get(name) : entry.now;
};

function stage(model: Model, which: number, name: Name, now: string | undefined): void {
  const talk = model.talks[which]!;
  const base = talk.has(name) ? talk.get(name)!.base : model.disk.get(name);
  if (base === now) talk.delete(name);
  else talk.set(name, { base, now });
}

function put(disk: Disk, name: Name, text: string | undefined): void {
  if (text === undefined) disk.delete(name);
  else disk.set(name, text);
}

async function compare(model: Model, { shop, talk }: World): Promise<void> {
  const there = new Map(readdirSync(shop.folder).map((name) => [name, readFileSync(shop.path(name), 'utf8')]));
  expect(there).toEqual(model.disk);
  for (const which of [0, 1]) {
    const view = shop.view(talk(which));
    for (const name of names) {
      const read = await view.read(name).then(({ bytes: content }) => Buffer.from(content).toString(), () => undefined);
      expect(read, `${name} in talk ${which}`).toBe(seen(model, which, name));
    }
    const open = shop.sets.open.some((set) => set.conversation === talk(which));
    expect(open).toBe(model.talks[which]!.size > 0);
  }
}

class Command implements fc.AsyncCommand<Model, World> {
  constructor(
    private readonly text: string,
    private readonly step: (model: Model, world: World) => Promise<void>,
  ) {}
  check(): boolean {
    return true;
  }
  async run(model: Model, world: World): Promise<void> {
    await this.step(model, world);
    await compare(model, world);
  }
  toString(): string {
    return this.text;
  }
}

const name = fc.constantFrom(...names);
const text = fc.constantFrom('one', 'two', 'three');
const which = fc.nat(1);

const commands = [
  fc.tuple(which, name, text).map(([talk, file, content]) => new Command(`write(${talk}, ${file}, ${content})`, async (model, world) => {
    await world.shop.view(world.talk(talk)).update(file, () => bytes(content));
    stage(model, talk, file, content);
  })),
  fc.tuple(which, name).map(([talk, file]) => new Command(`delete(${talk}, ${file})`, async (model, world) => {
    const done = await world.shop.view(world.talk(talk)).delete(file).then(() => true, () => false);
    expect(done).toBe(seen(model, talk, file) !== undefined);
    if (done) stage(model, talk, file, undefined);
  })),
  fc.tuple(which, name, name).map(([talk, from, to]) => new Command(`rename(${talk}, ${from}, ${to})`, async (model, world) => {
    const content = seen(model, talk, from);
    const possible = content !== undefined && from !== to && seen(model, talk, to) === undefined;
    expect(await world.shop.view(world.talk(talk)).rename(from, to).then(() => true, () => false)).toBe(possible);
    if (!possible) return;
    stage(model, talk, from, undefined);
    stage(model, talk, to, content);
  })),
  fc.tuple(name, fc.option(text, { nil: undefined })).map(([file, content]) => new Command(`disk(${file}, ${content ?? 'gone'})`, async (model, world) => {
    if (content === undefined) rmSync(world.shop.path(file), { force: true });
    else writeFileSync(world.shop.path(file), content);
    put(model.disk, file, content);
  })),
  which.map((talk) => new Command(`apply(${talk})`, async (model, world) => {
    const staged = model.talks[talk]!;
    if (staged.size === 0) return;
    const conflicts = [...staged].filter(([file, { base, now }]) => model.disk.get(file) !== base && model.disk.get(file) !== now);
    const outcome = await world.shop.sets.for(world.talk(talk)).apply();
    expect(outcome.ok ? [] : outcome.conflicts.map((conflict) => conflict.path).sort()).toEqual(conflicts.map(([file]) => file).sort());
    if (!outcome.ok) return;
    model.applied.push(new Map([...staged].map(([file, { now }]) => [file, { before: model.disk.get(file), after: now }])));
    for (const [file, { now }] of staged) put(model.disk, file, now);
    staged.clear();
  })),
  fc.constant(new Command('undo', async (model, world) => {
    const last = model.applied.at(-1);
    const possible = last !== undefined && [...last].every(([file, { after }]) => model.disk.get(file) === after);
    const outcome = await world.shop.sets.undo();
    expect(outcome.ok, outcome.ok ? '' : outcome.message).toBe(possible);
    if (!possible) return;
    for (const [file, { before }] of last) put(model.disk, file, before);
    model.applied.pop();
  })),
  which.map((talk) => new Command(`discard(${talk})`, async (model, world) => {
    await world.shop.sets.for(world.talk(talk)).discard();
    model.talks[talk]!.clear();
  })),
  fc.constant(new Command('reload', async (_model, world) => {
    await world.shop.sets.dispose();
    world.shop.open();
    await world.shop.sets.ready;
  })),
];

test('whatever is staged, applied, undone and changed by others, in whatever order, ends as the reference says', { timeout: searchMs + 30_000 }, async () => {
  let interleavings = 0;
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 30, size: 'max' }), async (sequence) => {
      interleavings += 1;
      const world = new World();
      try {
        await fc.asyncModelRun(() => ({ model: { disk: new Map(), talks: [new Map(), new Map()], applied: [] }, real: world }), sequence);
      } finally {
        await world.shop.dispose();
      }
    }),
    { numRuns: 100_000, interruptAfterTimeLimit: searchMs, markInterruptAsFailure: false, ...(process.env['CODE_MODE_MODEL_SEED'] !== undefined && { seed: Number(process.env['CODE_MODE_MODEL_SEED']) }) },
  );
  if (process.env['CODE_MODE_MODEL_MS'] !== undefined) console.log(`${path.basename(import.meta.url)}: ${interleavings} interleavings`);
  expect(interleavings).toBeGreaterThan(10);
});
