import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { searchMs, searchWorlds } from '../interleavings.js';
import { disasters, InMemory, killed, refused, type Deed } from './disasters.js';
import { apply as applyAll, Command, commands, leaveOut, newModel, putOver, remove, write, type Name } from './stagingModel.js';

/*
 * The model on a disk in memory, so that a minute tries thousands of worlds, and so that the window can be killed, the
 * power cut, the disk full and files changed by others at any single operation.
 */
const ms = searchMs(6_000);

vi.mock('node:fs/promises', async () => (await import('./memoryDisk.js')).promises);
vi.mock('node:fs', async () => (await import('./memoryDisk.js')).sync);

// Most of what is tried is refused somewhere; stacks of that would take most of the time.
Error.stackTraceLimit = 0;

async function begin(): Promise<{ readonly model: ReturnType<typeof newModel>; readonly real: InMemory }> {
  const real = new InMemory();
  await real.open();
  return { model: newModel(), real };
}

test('whatever is staged, applied, undone and changed by others, in whatever order, ends as the reference says', { timeout: ms + 30_000 }, async () => {
  await searchWorlds({ name: 'staging, on a disk in memory', ms, commands: [...commands, ...disasters], longest: 30, begin });
});

describe('worlds that once ended otherwise', () => {
  const apply: Deed = { act: 'apply', one: 0, file: 'a' };
  const staged = (name: Name, text: string): Command => new Command(`write(0, ${name}, ${text})`, (model, place) => write(model, place, 0, name, text));
  const theirs = (name: Name, text: string | undefined): Command => new Command(`disk(${name}, ${text ?? 'gone'})`, async (model, place) => {
    place.put(name, text);
    putOver(model.disk, name, text);
  });

  test.each<readonly [string, readonly fc.AsyncCommand<ReturnType<typeof newModel>, InMemory>[]]>([
    ['an Apply that the disk let begin and nothing more takes nothing from whoever made the same change meanwhile', [staged('a', 'one'), refused(apply, 4, 1_000), theirs('a', 'one'), killed(apply, 1)]],
    ['an Apply of which the disk lets go of nothing for a while leaves nothing behind in the end', [staged('d/x', 'one'), staged('a', 'one'), refused(apply, 11, 5)]],
    ['a directory that is to go does not, where what is in it was left out', [
      theirs('d/x', 'one'),
      new Command('delete(0, d)', (model, place) => remove(model, place, 0, 'd')),
      new Command('leave out all(0)', (model, place) => leaveOut(model, place, 0, true)),
      new Command('apply(0)', (model, place) => applyAll(model, place, 0)),
    ]],
  ])('%s', async (_, sequence) => {
    const world = await begin();
    await fc.asyncModelRun(() => world, sequence);
    expect(world.model.applied.length).toBeLessThan(2);
    await world.real.dispose();
  });
});
