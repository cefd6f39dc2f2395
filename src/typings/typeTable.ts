/**
 * Types of one server, each text kept once: what repeats or refers to itself becomes a named type when declarations are
 * put together, everything else stands where it is used. Texts refer to other types by marks: `\u0001<id>\u0002`,
 * `\u0003<id>\u0002` where a union needs parentheses, and `\u0004<id>\u0002` where the comment of a member goes.
 */
export class TypeTable {
  private readonly entries: TypeEntry[] = [];
  private readonly byText = new Map<string, number>();

  /** A mark for the text; equal texts have equal marks. */
  intern(text: string, options: { readonly isCompound: boolean; readonly hint: string }): string {
    let id = this.byText.get(text);
    if (id === undefined) {
      id = this.entries.push({ text, isCompound: options.isCompound, hint: options.hint, docs: new Set(), isRecursive: false }) - 1;
      this.byText.set(text, id);
    }
    return mark(id);
  }

  /**
   * A member's comment and type, which many tools may share: where they do, both stand once, at a named type.
   * `doc` goes before the member's name.
   */
  member(doc: string, type: string, hint: string): { readonly doc: string; readonly type: string } {
    const key = `\u0007${doc}${type}`;
    let id = this.byText.get(key);
    if (id === undefined) {
      id = this.entries.push({ text: type, memberDoc: doc, isCompound: false, hint, docs: new Set(), isRecursive: false }) - 1;
      this.byText.set(key, id);
    }
    return { doc: `\u0004${id}\u0002`, type: mark(id) };
  }

  /** Whether a text holds a comment somewhere. */
  hasDocs(text: string): boolean {
    if (text.includes('/*')) return true;
    for (const match of text.matchAll(allMarks)) {
      const entry = this.entries[this.resolve(Number(match[2]))]!;
      if (entry.memberDoc !== undefined || entry.docs.size > 0 || (!entry.isRecursive && this.hasDocs(entry.text))) return true;
    }
    return false;
  }

  /** A mark for a type that is not printed yet, because it is inside itself. */
  reserve(): string {
    return mark(this.entries.push({ text: 'unknown', isCompound: false, hint: '', docs: new Set(), isRecursive: true }) - 1);
  }

  /** Fills what was reserved. An equal type that was there before takes its place. */
  settle(reserved: string, text: string, hint: string): string {
    const id = idOf(reserved);
    // With itself replaced by a fixed mark, the same recursive type from another tool has the same text.
    const canonical = text.replaceAll(reserved, '\u0005').replaceAll(`\u0003${id}\u0002`, '\u0006');
    const known = this.byText.get(canonical);
    if (known !== undefined) {
      // Whatever was printed inside it still holds the reserved mark.
      this.entries[id] = { ...this.entries[known]!, alias: known };
      return mark(known);
    }
    this.byText.set(canonical, id);
    const entry = this.entries[id]!;
    entry.text = text;
    entry.hint = hint;
    entry.isCompound = false;
    return reserved;
  }

  /** Says what a type is for, at the type itself; false where the text is no entry of the table. */
  describe(text: string, doc: string): boolean {
    if (!isMark(text)) return false;
    this.entries[idOf(text)]!.docs.add(doc);
    return true;
  }

  /** The marked texts with everything in place, and the named types they need, in order of first use. */
  compose(roots: readonly string[], options: { readonly prefix: string; readonly taken: ReadonlySet<string>; comment(docs: readonly string[]): string }): {
    readonly texts: readonly string[];
    readonly types: readonly { readonly name: string; readonly text: string; readonly comment: string }[];
  } {
    const uses = this.countUses(roots);
    const names = this.chooseNames(uses, options.taken);
    const types: { name: string; text: string; comment: string }[] = [];
    const commented = new Map<number, string>();
    const commentOf = (id: number): string => {
      let text = commented.get(id);
      if (text !== undefined) return text;
      const { docs, memberDoc } = this.entries[id]!;
      text = memberDoc ?? (docs.size === 0 ? '' : options.comment([...docs]));
      commented.set(id, text);
      return text;
    };
    const expand = (text: string, prefix: string): string => {
      if (!marks.test(text)) return text;
      let result = '';
      let from = 0;
      for (const match of text.matchAll(allMarks)) {
        result += text.slice(from, match.index);
        from = match.index + match[0].length;
        const id = this.resolve(Number(match[2]));
        const name = names.get(id);
        if (name !== undefined) {
          if (match[1] !== '\u0004') result += prefix + name;
          continue;
        }
        const entry = this.entries[id]!;
        const indent = indentAfter(result);
        if (match[1] === '\u0004') {
          result += `${commentOf(id)} `.replaceAll('\n', `\n${indent}`);
          continue;
        }
        let inner = onOneLine(expand(entry.text, prefix));
        if (indent !== '' && inner.includes('\n')) inner = inner.replaceAll('\n', `\n${indent}`);
        if (match[1] === '\u0003' && entry.isCompound) inner = `(${inner})`;
        const comment = entry.memberDoc === undefined ? commentOf(id) : '';
        result += comment === '' ? inner : `${comment.replaceAll('\n', `\n${indent}`)} ${inner}`;
      }
      return result + text.slice(from);
    };
    const texts = roots.map((root) => expand(root, options.prefix));
    for (const [id, name] of names) types.push({ name, text: onOneLine(expand(this.entries[id]!.text, '')), comment: commentOf(id) });
    return { texts, types };
  }

  private resolve(id: number): number {
    return this.entries[id]!.alias ?? id;
  }

  /** How often each type is used by the roots and by the types they use, in order of first use. */
  private countUses(roots: readonly string[]): Map<number, number> {
    const uses = new Map<number, number>();
    const open = [...roots].reverse();
    for (let text = open.pop(); text !== undefined; text = open.pop()) {
      if (!marks.test(text)) continue;
      const first: string[] = [];
      for (const match of text.matchAll(allMarks)) {
        if (match[1] === '\u0004') continue;
        const id = this.resolve(Number(match[2]));
        const count = uses.get(id) ?? 0;
        uses.set(id, count + 1);
        if (count === 0) first.push(this.entries[id]!.text);
      }
      open.push(...first.reverse());
    }
    return uses;
  }

  private chooseNames(uses: ReadonlyMap<number, number>, taken: ReadonlySet<string>): Map<number, string> {
    const names = new Map<number, string>();
    const used = new Set(taken);
    const sizes = new Map<number, number>();
    // Length of the text in place, so that small types made of small types do not grow without end.
    const sizeOf = (id: number): number => {
      const known = sizes.get(id);
      if (known !== undefined) return known;
      sizes.set(id, 10);
      const entry = this.entries[id]!;
      let size = entry.text.length + (entry.memberDoc?.length ?? 0) + [...entry.docs].reduce((sum, doc) => sum + doc.length, 0);
      for (const match of entry.text.matchAll(allMarks)) {
        if (match[1] === '\u0004') continue;
        const inner = this.resolve(Number(match[2]));
        size += this.isNamed(inner, uses.get(inner) ?? 0, sizeOf(inner)) ? 8 : sizeOf(inner);
      }
      sizes.set(id, size);
      return size;
    };
    for (const [id, count] of uses) {
      if (!this.isNamed(id, count, sizeOf(id))) continue;
      const wish = this.entries[id]!.hint || 'Type';
      let name = wish;
      for (let n = 2; used.has(name) || reservedTypeNames.has(name); n++) name = `${wish}${n}`;
      used.add(name);
      names.set(id, name);
    }
    return names;
  }

  private isNamed(id: number, uses: number, size: number): boolean {
    const { isRecursive, hint } = this.entries[id]!;
    return isRecursive || (uses > 1 && (uses - 1) * size - uses * (hint.length + 2) > namingCost);
  }
}

interface TypeEntry {
  text: string;
  isCompound: boolean;
  hint: string;
  readonly docs: Set<string>;
  readonly isRecursive: boolean;
  readonly alias?: number;
  /** The comment of the member this is the type of. */
  readonly memberDoc?: string;
}

/** Characters that must be saved for a type to be worth a name. */
const namingCost = 60;
/** Length up to which an object without comments stands on one line. */
const lineWidth = 100;

function indentAfter(text: string): string {
  let end = text.lastIndexOf('\n') + 1;
  const start = end;
  while (text.charCodeAt(end) === 32) end++;
  return text.slice(start, end);
}

/** An object without comments on one line where it fits. */
function onOneLine(text: string): string {
  if (!text.startsWith('{\n') || text.length > lineWidth || text.includes('/*')) return text;
  return text.replace(/;?\n */g, (end) => (end.startsWith(';') ? '; ' : ' ')).replaceAll('; }', ' }');
}

 
const marks = /[\u0001\u0003\u0004]/;
 
const allMarks = /([\u0001\u0003\u0004])(\d+)\u0002/g;

function mark(id: number): string {
  return `\u0001${id}\u0002`;
}

export function isMark(text: string): boolean {
  return text.charCodeAt(0) === 1 && text.indexOf('\u0002') === text.length - 1;
}

/** The text as the operand of `[]` or `&`: a union gets parentheses where it is put in place. */
export function operand(text: string): string {
  return isMark(text) ? `\u0003${text.slice(1)}` : text;
}

function idOf(text: string): number {
  return Number(text.slice(1, -1));
}

const reservedTypeNames = new Set(
  'any unknown never void null undefined string number boolean symbol object bigint Array Record Promise Function Object String Number Boolean Symbol Date Error Map Set Unchecked Parameters Awaited ReturnType Exclude'.split(' '),
);
