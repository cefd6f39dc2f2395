import path from 'node:path';

/*
 * A disk in memory that stands in for `node:fs` where thousands of worlds a minute are wanted, and that can do what no
 * real one does on demand: die at any single operation, with or without what was never synced, refuse an operation, and
 * be changed by somebody else between two of them.
 */
interface File {
  readonly kind: 'file';
  data: Buffer;
  /** What a power cut leaves of it; undefined when nothing of it was ever synced. */
  synced: Buffer | undefined;
  mode: number;
}
interface Link {
  readonly kind: 'link';
  readonly target: string;
}
interface Directory {
  readonly kind: 'directory';
  mode: number;
  names: Map<string, Node>;
  /** What a power cut leaves of it, and what was done since, each step whole: some first ones of them may be left too. */
  synced: Map<string, Node>;
  since: (readonly (readonly [name: string, node: Node | undefined])[])[];
}
type Node = File | Link | Directory;

const directory = (): Directory => ({ kind: 'directory', mode: 0o755, names: new Map(), synced: new Map(), since: [] });

/** As node's errors, without the stack that would take most of the time. */
class Failure extends Error {
  constructor(readonly code: string, operation: string, at: string) {
    super(`${code}: ${operation} '${at}'`);
  }
}

function fail(code: string, operation: string, at: string): never {
  throw new Failure(code, operation, at);
}

const known = new Map<string, readonly string[]>();
function partsOf(given: string): readonly string[] {
  let parts = known.get(given);
  if (parts === undefined) {
    if (known.size > 10_000) known.clear();
    known.set(given, (parts = path.posix.normalize(given).split('/').filter(Boolean)));
  }
  return parts;
}

/** What befalls the disk at one of the operations to come. */
export interface Fate {
  /** Counted from 1, over operations that change something (`reads`: over all). */
  readonly at: number;
  readonly reads?: boolean;
  readonly kind: 'die' | 'refuse' | 'elsewhere';
  /** For `refuse`: how many operations, one after the other. */
  readonly times?: number;
  /** For `elsewhere`: what somebody else does then. */
  readonly act?: () => void;
}

export class MemoryDisk {
  private root = directory();
  private dead = false;
  private fate: Fate | undefined;
  private count = 0;
  private lastRead = '';
  /** Resolves when the fate has come. */
  onFate: (() => void) | undefined;
  befallen = false;

  /** From now on, counted anew. */
  meet(fate: Fate | undefined): void {
    this.fate = fate;
    this.count = 0;
    this.befallen = false;
  }

  /** The process ends here: nothing it asks for is done any more. */
  kill(): void {
    this.dead = true;
  }

  /** As after a crash, with everything that was written; or as after a power cut, with what was synced and some of the rest. */
  revive(powerCut: ((most: number) => number) | undefined): void {
    if (powerCut !== undefined) lose(this.root, powerCut);
    this.dead = false;
    this.fate = undefined;
  }

  /** Everything as if synced: what people do to their disk is none of the product's business. */
  settle(): void {
    keep(this.root);
  }

  private async turn(operation: string, at: string, changes: boolean): Promise<void> {
    // As on a real disk, whatever else is ready goes first.
    await Promise.resolve();
    if (this.dead) return new Promise(() => undefined);
    const { fate } = this;
    if (fate === undefined) return;
    if (!changes && fate.reads !== true) return;
    // No system lets one look and act at once: nobody comes between the last look and what follows it.
    if (fate.kind === 'elsewhere' && (operation === 'rename' || operation === 'rm') && this.lastRead === at) return;
    this.lastRead = changes ? '' : at;
    this.count += 1;
    if (this.count < fate.at || this.count >= fate.at + (fate.times ?? 1)) return;
    this.befallen = true;
    if (fate.kind === 'die') {
      this.dead = true;
      this.onFate?.();
      return new Promise(() => undefined);
    }
    if (fate.kind === 'refuse') fail('ENOSPC', operation, at);
    fate.act?.();
  }

  private alive(): void {
    if (this.dead) throw new Error('The process is gone.');
  }

  /** Where a path leads: its directory, its last name, and what is there. */
  private walk(given: string, follow: boolean, operation: string, depth = 0): { parent: Directory; name: string; node: Node | undefined; real: string } {
    if (depth > 40) fail('ELOOP', operation, given);
    const parts = partsOf(given);
    let parent = this.root;
    let real = '';
    for (const [i, part] of parts.entries()) {
      const last = i === parts.length - 1;
      const node = parent.names.get(part);
      if (node?.kind === 'link' && (!last || follow)) {
        return this.walk(path.posix.join(path.posix.resolve(real === '' ? '/' : real, node.target), ...parts.slice(i + 1)), follow, operation, depth + 1);
      }
      real = `${real}/${part}`;
      if (last) return { parent, name: part, node, real };
      if (node === undefined) fail('ENOENT', operation, given);
      if (node.kind !== 'directory') fail('ENOTDIR', operation, given);
      parent = node;
    }
    return { parent: this.root, name: '', node: this.root, real: '/' };
  }

  private find(given: string, follow: boolean, operation: string): Node {
    return this.walk(given, follow, operation).node ?? fail('ENOENT', operation, given);
  }

  private set(parent: Directory, ...steps: readonly (readonly [string, Node | undefined])[]): void {
    for (const [name, node] of steps) if (node === undefined) parent.names.delete(name); else parent.names.set(name, node);
    parent.since.push(steps);
  }

  private statsOf(node: Node): unknown {
    const is = (kind: Node['kind']) => () => node.kind === kind;
    return { isDirectory: is('directory'), isFile: is('file'), isSymbolicLink: is('link'), mode: node.kind === 'link' ? 0o120777 : node.mode, size: node.kind === 'file' ? node.data.length : 0, uid: 0, gid: 0, mtimeMs: 0, mtimeNs: 0n, ino: 0n };
  }

  private removeNow(at: string): void {
    const { parent, name } = this.walk(at, false, 'rm');
    this.set(parent, [name, undefined]);
  }

  private async removeAll(at: string): Promise<void> {
    const node = this.find(at, false, 'rm');
    if (node.kind === 'directory') for (const child of [...node.names.keys()]) await this.removeAll(`${at}/${child}`);
    await this.turn('rm', at, true);
    this.removeNow(at);
  }

  private makeNow(at: string, recursive: boolean, mode = 0o777): void {
    const parts = path.posix.normalize(at).split('/').filter(Boolean);
    for (let i = recursive ? 1 : parts.length; i <= parts.length; i++) {
      const here = `/${parts.slice(0, i).join('/')}`;
      const { parent, name, node } = this.walk(here, true, 'mkdir');
      if (node === undefined) this.set(parent, [name, { ...directory(), mode: mode & 0o755 }]);
      else if (node.kind !== 'directory' || !recursive) fail('EEXIST', 'mkdir', at);
    }
  }

  /** As `node:fs/promises`, as far as change sets use it. */
  readonly promises = {
    mkdir: async (at: string, options: { recursive?: boolean; mode?: number } = {}) => {
      await this.turn('mkdir', at, true);
      this.makeNow(at, options.recursive === true, options.mode);
    },
    readdir: async (at: string, options: { withFileTypes?: boolean } = {}) => {
      await this.turn('readdir', at, false);
      const node = this.find(at, true, 'scandir');
      if (node.kind !== 'directory') fail('ENOTDIR', 'scandir', at);
      return [...node.names].map(([name, child]) => (options.withFileTypes === true ? { ...(this.statsOf(child) as object), name } : name));
    },
    readFile: async (at: string, encoding?: string) => {
      await this.turn('open', at, false);
      const node = this.find(at, true, 'open');
      if (node.kind !== 'file') fail('EISDIR', 'read', at);
      return encoding === undefined ? Buffer.from(node.data) : node.data.toString('utf8');
    },
    writeFile: async (at: string, data: string | Uint8Array) => {
      const handle = await this.promises.open(at, 'w');
      await handle.writeFile(data);
    },
    copyFile: async (from: string, to: string) => this.promises.writeFile(to, (await this.promises.readFile(from))),
    open: async (at: string, flags = 'r', mode = 0o666) => {
      await this.turn('open', at, flags !== 'r');
      const { parent, name, node: found, real } = this.walk(at, true, 'open');
      if (found !== undefined && flags === 'wx') fail('EEXIST', 'open', at);
      if (found === undefined && flags === 'r') fail('ENOENT', 'open', at);
      if (found?.kind === 'directory' && flags !== 'r') fail('EISDIR', 'open', at);
      let node = found;
      if (node === undefined) this.set(parent, [name, (node = { kind: 'file', data: Buffer.alloc(0), synced: undefined, mode: mode & 0o755 })]);
      const file = node;
      if (file.kind === 'file' && flags === 'w') file.data = Buffer.alloc(0);
      return {
        writeFile: async (data: string | Uint8Array) => {
          if (file.kind !== 'file') fail('EISDIR', 'write', at);
          const bytes = Buffer.from(data as string);
          const before = file.data;
          // A process that dies here has written a part.
          file.data = Buffer.concat([before, bytes.subarray(0, bytes.length >> 1)]);
          await this.turn('write', real, true);
          file.data = Buffer.concat([before, bytes]);
        },
        sync: async () => {
          await this.turn('fsync', real, true);
          if (file.kind === 'file') file.synced = file.data;
          if (file.kind === 'directory') Object.assign(file, { synced: new Map(file.names), since: [] });
        },
        stat: async () => this.statsOf(file),
        truncate: async (size: number) => {
          await this.turn('ftruncate', real, true);
          if (file.kind === 'file') file.data = file.data.subarray(0, size);
        },
        close: async () => undefined,
      };
    },
    rm: async (at: string, options: { recursive?: boolean; force?: boolean } = {}) => {
      await this.turn('rm', at, true);
      try {
        const node = this.find(at, false, 'rm');
        if (node.kind === 'directory' && options.recursive !== true) fail('ERR_FS_EISDIR', 'rm', at);
        if (node.kind === 'directory') await this.removeAll(at);
        else this.removeNow(at);
      } catch (error) {
        if (options.force !== true || !['ENOENT', 'ENOTDIR'].includes((error as { code?: string }).code ?? '')) throw error;
      }
    },
    rmdir: async (at: string) => {
      await this.turn('rmdir', at, true);
      const node = this.find(at, false, 'rmdir');
      if (node.kind !== 'directory') fail('ENOTDIR', 'rmdir', at);
      if (node.names.size > 0) fail('ENOTEMPTY', 'rmdir', at);
      this.removeNow(at);
    },
    rename: async (from: string, to: string) => {
      await this.turn('rename', to, true);
      const source = this.walk(from, false, 'rename');
      const target = this.walk(to, false, 'rename');
      if (source.node === undefined) fail('ENOENT', 'rename', from);
      if (target.node?.kind === 'directory' && source.node.kind !== 'directory') fail('EISDIR', 'rename', to);
      if (source.parent === target.parent) this.set(source.parent, [source.name, undefined], [target.name, source.node]);
      else {
        this.set(target.parent, [target.name, source.node]);
        this.set(source.parent, [source.name, undefined]);
      }
    },
    symlink: async (target: string, at: string) => {
      await this.turn('symlink', at, true);
      const { parent, name, node } = this.walk(at, false, 'symlink');
      if (node !== undefined) fail('EEXIST', 'symlink', at);
      this.set(parent, [name, { kind: 'link', target }]);
    },
    readlink: async (at: string) => {
      await this.turn('readlink', at, false);
      const node = this.find(at, false, 'readlink');
      return node.kind === 'link' ? node.target : fail('EINVAL', 'readlink', at);
    },
    realpath: async (at: string) => {
      await this.turn('realpath', at, false);
      const { real, node } = this.walk(at, true, 'realpath');
      return node === undefined ? fail('ENOENT', 'realpath', at) : real;
    },
    stat: async (at: string) => (await this.turn('stat', at, false), this.statsOf(this.find(at, true, 'stat'))),
    lstat: async (at: string) => (await this.turn('lstat', at, false), this.statsOf(this.find(at, false, 'lstat'))),
    access: async (at: string) => (await this.turn('access', at, false), void this.find(at, true, 'access')),
    chmod: async (at: string, mode: number) => {
      await this.turn('chmod', at, true);
      const node = this.find(at, true, 'chmod');
      if (node.kind !== 'link') node.mode = mode;
    },
    chown: async () => undefined,
  };

  /** As `node:fs`, as far as change sets use it. */
  readonly sync = {
    existsSync: (at: string) => {
      this.alive();
      return quietly(() => this.walk(at, true, 'stat').node) !== undefined;
    },
    lstatSync: (at: string, options: { throwIfNoEntry?: boolean } = {}) => {
      this.alive();
      const node = options.throwIfNoEntry === false ? quietly(() => this.walk(at, false, 'lstat').node) : this.find(at, false, 'lstat');
      return node === undefined ? undefined : this.statsOf(node);
    },
    realpathSync: Object.assign(() => undefined, {
      native: (at: string) => {
        this.alive();
        const { real, node } = this.walk(at, true, 'realpath');
        return node === undefined ? fail('ENOENT', 'realpath', at) : real;
      },
    }),
    readFileSync: (at: string) => {
      this.alive();
      const node = this.find(at, true, 'open');
      return node.kind === 'file' ? node.data.toString('utf8') : fail('EISDIR', 'read', at);
    },
  };

  /** For tests: everything below a directory, files by their text, links by their target, directories by a `/`. */
  tree(at: string, hidden = false): Map<string, string> {
    const found = new Map<string, string>();
    const visit = (node: Directory, inside: string): void => {
      for (const [name, child] of node.names) {
        if (child.kind === 'directory') {
          found.set(`${inside}${name}/`, '');
          visit(child, `${inside}${name}/`);
        } else if (hidden || !name.startsWith('.')) found.set(`${inside}${name}`, child.kind === 'link' ? `-> ${child.target}` : child.data.toString('utf8'));
      }
    };
    const top = this.find(at, true, 'scandir');
    if (top.kind === 'directory') visit(top, '');
    return found;
  }

  /** For tests: somebody else puts something there, or (undefined) takes it away; safe from every power cut. */
  put(at: string, text: string | undefined): void {
    if (text !== undefined) this.makeNow(path.posix.dirname(at), true);
    const found = quietly(() => this.walk(at, false, 'open'));
    if (found === undefined) return;
    if (text === undefined) found.parent.names.delete(found.name);
    else if (found.node?.kind === 'file') found.node.data = found.node.synced = Buffer.from(text);
    else found.parent.names.set(found.name, { kind: 'file', data: Buffer.from(text), synced: Buffer.from(text), mode: 0o644 });
    for (let here = at; here !== '/'; here = path.posix.dirname(here)) {
      const { parent, name, node } = this.walk(here, false, 'open');
      if (node === undefined) parent.synced.delete(name);
      else parent.synced.set(name, node);
      parent.since = parent.since.map((steps) => steps.filter(([each]) => each !== name));
    }
  }

  makeDirectory(at: string): void {
    this.makeNow(at, true);
  }
}

function quietly<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

function keep(node: Node): void {
  if (node.kind === 'file') node.synced = node.data;
  if (node.kind !== 'directory') return;
  node.synced = new Map(node.names);
  node.since = [];
  for (const child of node.names.values()) keep(child);
}

/** `choose(most)` picks how many, from 0, of the steps that nothing made sure of are there all the same. */
function lose(node: Node, choose: (most: number) => number): void {
  if (node.kind === 'file') {
    const kept = [node.synced ?? Buffer.alloc(0), node.data, Buffer.alloc(0)][choose(node.synced === undefined ? 2 : 1)]!;
    node.data = node.synced = kept;
  }
  if (node.kind !== 'directory') return;
  const names = new Map(node.synced);
  for (const steps of node.since.slice(0, choose(node.since.length))) for (const [name, child] of steps) if (child === undefined) names.delete(name); else names.set(name, child);
  node.names = names;
  node.synced = new Map(names);
  node.since = [];
  for (const child of names.values()) lose(child, choose);
}

/** Stands in for `node:fs/promises` and `node:fs`: whichever disk is the current one. */
export const disks = { current: new MemoryDisk() };
type Calls = Record<string, (...args: unknown[]) => unknown>;
const through = (calls: (disk: MemoryDisk) => unknown): Calls =>
  Object.fromEntries(Object.keys(calls(disks.current) as Calls).map((name) => [name, (...args: unknown[]) => (calls(disks.current) as Calls)[name]!(...args)]));
export const promises = { ...through((disk) => disk.promises), constants: { W_OK: 2 } };
export const sync = { ...through((disk) => disk.sync), realpathSync: { native: (at: string) => disks.current.sync.realpathSync.native(at) } };
