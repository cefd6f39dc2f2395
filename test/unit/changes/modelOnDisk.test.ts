import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { nothingOpen } from '../../../src/catalog/workspace.js';
import { createChangeSets, type ChangeSetsRoom } from '../../../src/runs/changes/changeSets.js';
import { searchMs, searchWorlds } from '../interleavings.js';
import { Command, commands, conflictsOf, didApply, didUndo, mayUndo, newModel, seen, talk, view, which, type Model, type Name, type Place } from './stagingModel.js';

/*
 * The same model on the real disk, with a real repository: commits are staged, applied with the real git, and undone.
 * A fraction of what the disk in memory tries, to know that it is like a real one.
 */
const ms = searchMs(5_000);
const base = mkdtempSync(path.join(os.tmpdir(), 'code-mode-model-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const git = (cwd: string, ...args: string[]): string => execFileSync('git', args, { cwd, encoding: 'utf8', env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' } }).trim();

/** A repository that is copied, not made, for every world. */
const template = path.join(base, 'template');
mkdirSync(template);
git(template, 'init', '-q', '-b', 'main');
for (const [key, value] of [['user.name', 'Tester'], ['user.email', 'tester@example.com']]) git(template, 'config', key!, value!);
git(template, 'commit', '-q', '--allow-empty', '-m', 'First');
rmSync(path.join(template, '.git', 'hooks'), { recursive: true, force: true });

class OnDisk implements Place {
  readonly base = mkdtempSync(path.join(base, 'world-'));
  readonly folder = path.join(this.base, 'project');
  sets!: ChangeSetsRoom;

  constructor() {
    cpSync(template, this.folder, { recursive: true });
  }

  async open(): Promise<void> {
    this.sets = createChangeSets({ folders: () => [{ name: 'project', path: this.folder }], storage: path.join(this.base, 'storage'), documents: nothingOpen, review: async () => 'discarded' });
    await this.sets.ready;
  }

  put(name: Name, text: string | undefined): void {
    if (name === 'd/x' && this.files().has('d')) {
      if (text === undefined) return;
      rmSync(path.join(this.folder, 'd'));
    }
    if (name === 'd') rmSync(path.join(this.folder, 'd'), { recursive: true, force: true });
    const file = path.join(this.folder, name);
    if (text === undefined) return rmSync(file, { force: true });
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  files(directory = this.folder, inside = ''): Map<string, string> {
    const found = new Map<string, string>();
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (entry.name === '.git') continue;
      const at = path.join(directory, entry.name);
      if (entry.isDirectory()) for (const [name, text] of this.files(at, `${inside}${entry.name}/`)) found.set(name, text);
      else found.set(`${inside}${entry.name}`, readFileSync(at, 'utf8'));
    }
    return found;
  }

  /** What every commit holds, latest first, and nothing of ours beside git's own files. */
  history(): unknown {
    expect(readdirSync(path.join(this.folder, '.git')).filter((name) => name.startsWith('code-mode') || name.endsWith('.lock'))).toEqual([]);
    return git(this.folder, 'log', '--format=%s').split('\n').map((subject, n) => [subject, Object.fromEntries(git(this.folder, 'ls-tree', '-r', '--name-only', `HEAD~${n}`).split('\n').filter(Boolean).map((name) => [name, git(this.folder, 'show', `HEAD~${n}:${name}`)]))]);
  }

  async dispose(): Promise<void> {
    await this.sets.dispose();
    rmSync(this.base, { recursive: true, force: true });
  }
}

/** Commits a conversation has staged, each with what it holds of the files that were edited by then. */
type Commit = { readonly subject: string; readonly files: ReadonlyMap<Name, string | undefined> };
interface Git {
  readonly staged: Commit[][];
  readonly made: { readonly id: string; readonly commits: number }[];
  history: [string, Record<string, string>][];
}
const gits = new WeakMap<Place, Git>();

async function step(model: Model, place: OnDisk, what: (state: Git) => Promise<void>): Promise<void> {
  await what(gits.get(place)!);
  expect(place.history()).toEqual(gits.get(place)!.history);
}

const inGit = [
  fc.tuple(which, fc.constantFrom('one', 'two')).map(([one, subject]) => new Command<OnDisk>(`commit(${one}, ${subject})`, async (model, place) => step(model, place, async ({ staged, history }) => {
    const { root } = await view(place, one).git.repository();
    const held = new Map(Object.entries(staged[one]!.reduce((tree, commit) => next(tree, commit), history[0]![1])));
    // What is in the way of a file or a directory is not looked at here.
    const changed = [...model.talks[one]!.keys()].filter((name) => !name.startsWith('d') && held.get(name) !== seen(model, one, name));
    const done = await view(place, one).git.commit(root, { message: subject, all: true }).then(({ files }) => files as Name[], () => []);
    // Files that an Apply has written for the conversation are its to commit as well.
    expect(done).toEqual(expect.arrayContaining(changed));
    for (const name of done) expect(held.get(name)).not.toBe(seen(model, one, name));
    for (const name of done) model.committed[one]!.add(name);
    if (done.length > 0) staged[one]!.push({ subject, files: new Map(done.map((name) => [name, seen(model, one, name)])) });
  }))),
  which.map((one) => new Command<OnDisk>(`apply(${one})`, async (model, place) => step(model, place, async (state) => {
    const staged = model.talks[one]!;
    const commits = state.staged[one]!;
    if (staged.size === 0 && commits.length === 0) return;
    const { id } = place.sets.for(talk(one));
    const outcome = await place.sets.for(talk(one)).apply();
    if (!outcome.ok) return expect(outcome.conflicts.length, outcome.message).toBeGreaterThan(0);
    expect(commits.length > 0 ? [] : conflictsOf(model, staged)).toEqual([]);
    didApply(model, one, id);
    let made = 0;
    for (const commit of commits) {
      const [, tree] = state.history[0]!;
      const after = next(tree, commit);
      if (JSON.stringify(Object.entries(after).sort()) === JSON.stringify(Object.entries(tree).sort())) continue;
      state.history = [[commit.subject, after], ...state.history];
      made += 1;
    }
    expect(outcome.commits.length).toBe(made);
    state.made.push({ id, commits: made });
    commits.length = 0;
  }))),
  fc.constant(new Command<OnDisk>('undo', async (model, place) => step(model, place, async (state) => {
    const outcome = await place.sets.undo();
    if (!outcome.ok) return;
    expect(mayUndo(model)).toBe(true);
    didUndo(model);
    state.history = state.history.slice(state.made.pop()!.commits);
  }))),
  which.map((one) => new Command<OnDisk>(`discard(${one})`, async (model, place) => step(model, place, async ({ staged }) => {
    await place.sets.for(talk(one)).discard();
    model.talks[one] = new Map();
    model.committed[one]!.clear();
    staged[one] = [];
  }))),
];

function next(tree: Record<string, string>, { files }: Commit): Record<string, string> {
  const after = { ...tree };
  for (const [name, text] of files) {
    if (text === undefined) delete after[name];
    else {
      if (name === 'd') delete after['d/x'];
      if (name === 'd/x') delete after['d'];
      after[name] = text;
    }
  }
  return after;
}

const plain = commands.filter((_, n) => ![4, 5, 6].includes(n));

test('with the real disk and the real git it is no different', { timeout: ms + 60_000 }, async () => {
  await searchWorlds({
    name: 'staging, on the real disk with the real git', ms, commands: [...plain, ...inGit], longest: 15,
    begin: async () => {
      const real = new OnDisk();
      gits.set(real, { staged: [[], []], made: [], history: [['First', {}]] });
      await real.open();
      return { model: newModel(), real };
    },
  });
});
