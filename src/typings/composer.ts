import { comment } from './docs.js';
import { piecesOf, type Piece, type TypeEntry, type TypeTable } from './typeTable.js';
import { pascalCase } from './words.js';

export interface NamedType {
  readonly name: string;
  readonly text: string;
  readonly comment: string;
}

export interface Composition {
  /** The texts with everything in place. */
  readonly texts: readonly string[];
  /** The named types they need, in order of first use. */
  readonly types: readonly NamedType[];
}

/** Characters that must be saved for a type to be worth a name. */
const namingCost = 60;
/** Length up to which an object without comments stands on one line. */
const lineWidth = 100;

/** Puts marked texts together, in steps; named types are written with `prefix` in the texts, without it in each other. */
export function compose(table: TypeTable, roots: readonly string[], options: { readonly prefix?: string; readonly taken?: readonly string[] } = {}): Generator<void, Composition> {
  return new Composer(table, options.prefix ?? '', options.taken ?? []).compose(roots);
}

class Composer {
  private readonly names = new Map<number, string>();
  private readonly uses = new Map<number, number>();
  private readonly sizes = new Map<number, number>();

  constructor(
    private readonly table: TypeTable,
    private readonly prefix: string,
    private readonly taken: readonly string[],
  ) {}

  *compose(roots: readonly string[]): Generator<void, Composition> {
    const pieces = roots.map(piecesOf);
    this.countUses(pieces);
    yield;
    this.chooseNames();
    const texts: string[] = [];
    for (const root of pieces) {
      yield;
      texts.push(this.expand(root, this.prefix));
    }
    const types: NamedType[] = [];
    for (const [id, name] of this.names) {
      yield;
      const entry = this.table.entry(id);
      types.push({ name, text: onOneLine(this.expand(entry.pieces, '')), comment: commentOf(entry) });
    }
    return { texts, types };
  }

  /** How often each type is used by the roots and by the types they use, in order of first use. */
  private countUses(roots: readonly (readonly Piece[])[]): void {
    const open = roots.slice().reverse();
    for (let pieces = open.pop(); pieces !== undefined; pieces = open.pop()) {
      const met: (readonly Piece[])[] = [];
      for (const piece of pieces) {
        if (typeof piece === 'string' || piece.kind === 'doc') continue;
        const id = this.table.resolve(piece.id);
        const count = this.uses.get(id) ?? 0;
        this.uses.set(id, count + 1);
        if (count === 0) met.push(this.table.entry(id).pieces);
      }
      // The first one met is opened first.
      for (let at = met.length - 1; at >= 0; at--) open.push(met[at]!);
    }
  }

  private chooseNames(): void {
    const used = new Set(this.taken);
    for (const [id, count] of this.uses) {
      const { isRecursive, hint } = this.table.entry(id);
      if (!isRecursive && (count === 1 || !this.isNamed(id))) continue;
      const wish = pascalCase(hint);
      let name = wish;
      for (let n = 2; used.has(name) || reservedNames.has(name); n++) name = `${wish}${n}`;
      used.add(name);
      this.names.set(id, name);
    }
  }

  private isNamed(id: number): boolean {
    const { isRecursive, hint } = this.table.entry(id);
    if (isRecursive) return true;
    const uses = this.uses.get(id) ?? 0;
    return uses > 1 && (uses - 1) * this.sizeOf(id) - uses * (hint.length + 2) > namingCost;
  }

  /** Length of the text in place, so that small types made of small types do not grow without end. */
  private sizeOf(id: number): number {
    const known = this.sizes.get(id);
    if (known !== undefined) return known;
    this.sizes.set(id, 10);
    const { text, memberDoc, docs, pieces } = this.table.entry(id);
    let size = text.length + (memberDoc?.length ?? 0);
    if (docs) for (const doc of docs) size += doc.length;
    for (const piece of pieces) {
      if (typeof piece === 'string' || piece.kind === 'doc') continue;
      const inner = this.table.resolve(piece.id);
      size += this.isNamed(inner) ? 8 : this.sizeOf(inner);
    }
    this.sizes.set(id, size);
    return size;
  }

  private expand(pieces: readonly Piece[], prefix: string): string {
    let result = '';
    for (const piece of pieces) {
      if (typeof piece === 'string') {
        result += piece;
        continue;
      }
      const name = this.names.get(this.table.resolve(piece.id));
      if (name !== undefined) {
        if (piece.kind !== 'doc') result += prefix + name;
        continue;
      }
      const entry = this.table.entry(piece.id);
      if (piece.kind === 'doc') {
        result += `${indented(entry.memberDoc!, result)} `;
        continue;
      }
      let inner = onOneLine(this.expand(entry.pieces, prefix));
      if (piece.kind === 'operand' && entry.isCompound) inner = `(${inner})`;
      if (entry.docs && entry.memberDoc === undefined) inner = `${commentOf(entry)} ${inner}`;
      result += indented(inner, result);
    }
    return result;
  }
}

function commentOf({ memberDoc, docs }: TypeEntry): string {
  return memberDoc ?? (docs ? comment({ texts: [...docs], tags: [] }) : '');
}

/** A text of several lines, with the margin of the line it is put on. */
function indented(text: string, before: string): string {
  if (!text.includes('\n')) return text;
  const start = before.lastIndexOf('\n') + 1;
  let end = start;
  while (before.charCodeAt(end) === 32) end++;
  return end === start ? text : text.replaceAll('\n', `\n${before.slice(start, end)}`);
}

/** An object without comments on one line where it fits. */
function onOneLine(text: string): string {
  if (text.length > lineWidth || !text.startsWith('{\n') || text.includes('/*')) return text;
  return text.replace(/;?\n */g, (end) => (end.startsWith(';') ? '; ' : ' ')).replaceAll('; }', ' }');
}

/** What types here are written with, and what would mislead a reader. */
const reservedNames = new Set(
  (
    'any unknown never void null undefined string number boolean symbol object bigint Array Record Promise Function Object String Number Boolean ' +
    'Symbol Date Error Map Set Unchecked Parameters Awaited ReturnType Exclude'
  ).split(' '),
);
