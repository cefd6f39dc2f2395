/**
 * Types of one server, each text kept once: what repeats or refers to itself becomes a named type when declarations are
 * put together (composer.ts), everything else stands where it is used. Texts refer to other types by marks:
 * `\u0001<id>\u0002`, `\u0003<id>\u0002` where a union needs parentheses, and `\u0004<id>\u0002` where the comment of a
 * member goes.
 */
export class TypeTable {
  private readonly entries: TypeEntry[] = [];
  private readonly byText = new Map<string, number>();

  /** A mark for the text; equal texts have equal marks. `hint` is what a name would be made of. */
  intern(text: string, isCompound: boolean, hint: string): string {
    let id = this.byText.get(text);
    if (id === undefined) {
      id = this.entries.push(new TypeEntry(text, isCompound, hint, undefined, false)) - 1;
      this.byText.set(text, id);
    }
    return mark(id);
  }

  /**
   * The type of a member with a comment. Many tools may share both, and where they do, both stand once, at a named type.
   * {@link docMark} of the result goes before the member's name.
   */
  member(doc: string, type: string, hint: string): string {
    const key = doc + type;
    let id = this.byText.get(key);
    if (id === undefined) {
      id = this.entries.push(new TypeEntry(type, false, hint, doc, false)) - 1;
      this.byText.set(key, id);
    }
    return mark(id);
  }

  /** Whether a text holds a comment somewhere. */
  hasDocs(text: string): boolean {
    if (text.includes('/*')) return true;
    return piecesOf(text).some((piece) => {
      if (typeof piece === 'string') return false;
      const { memberDoc, docs, isRecursive, text: inner } = this.entry(piece.id);
      return memberDoc !== undefined || docs !== undefined || (!isRecursive && this.hasDocs(inner));
    });
  }

  /** A mark for a type that is not printed yet, because it is inside itself. */
  reserve(): string {
    return mark(this.entries.push(new TypeEntry('unknown', false, '', undefined, true)) - 1);
  }

  /** Fills what was reserved. An equal type that was there before takes its place. */
  settle(reserved: string, text: string, hint: string): string {
    const id = idOf(reserved);
    const entry = this.entries[id]!;
    // With itself replaced by a fixed mark, the same recursive type from another tool has the same text.
    const canonical = text.replaceAll(reserved, '\u0005').replaceAll(operand(reserved), '\u0006');
    const known = this.byText.get(canonical);
    if (known !== undefined) {
      // Whatever was printed inside it still holds the reserved mark.
      entry.alias = known;
      return mark(known);
    }
    this.byText.set(canonical, id);
    entry.text = text;
    entry.hint = hint;
    return reserved;
  }

  /** Says what a type is for, at the type itself; false where the text is no entry of the table. */
  describe(text: string, doc: string): boolean {
    if (!isMark(text)) return false;
    (this.entry(idOf(text)).docs ??= new Set()).add(doc);
    return true;
  }

  entry(id: number): TypeEntry {
    return this.entries[this.resolve(id)]!;
  }

  resolve(id: number): number {
    return this.entries[id]!.alias ?? id;
  }
}

export class TypeEntry {
  /** The equal type that took its place. */
  alias: number | undefined;
  docs: Set<string> | undefined;
  private split: readonly Piece[] | undefined;

  constructor(
    public text: string,
    /** A union or intersection, which needs parentheses before `[]`. */
    readonly isCompound: boolean,
    public hint: string,
    /** The comment of the member this is the type of. */
    readonly memberDoc: string | undefined,
    readonly isRecursive: boolean,
  ) {}

  /** The text, taken apart at its marks. */
  get pieces(): readonly Piece[] {
    return (this.split ??= piecesOf(this.text));
  }
}

export type Piece = string | { readonly kind: 'type' | 'operand' | 'doc'; readonly id: number };

export function piecesOf(text: string): readonly Piece[] {
  let end = text.indexOf('\u0002');
  if (end < 0) return [text];
  const pieces: Piece[] = [];
  let from = 0;
  while (end >= 0) {
    let start = end - 1;
    while (text.charCodeAt(start) >= 48) start--;
    if (start > from) pieces.push(text.slice(from, start));
    const opener = text.charCodeAt(start);
    pieces.push({ kind: opener === 1 ? 'type' : opener === 3 ? 'operand' : 'doc', id: Number(text.slice(start + 1, end)) });
    from = end + 1;
    end = text.indexOf('\u0002', from);
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}

function mark(id: number): string {
  return `\u0001${id}\u0002`;
}

export function isMark(text: string): boolean {
  return text.charCodeAt(0) === 1 && text.indexOf('\u0002') === text.length - 1;
}

/** The text as the operand of `[]`: a union gets parentheses where it is put in place. */
export function operand(text: string): string {
  return isMark(text) ? `\u0003${text.slice(1)}` : text;
}

/** Where the comment of a member of this marked type goes. */
export function docMark(text: string): string {
  return `\u0004${text.slice(1)}`;
}

function idOf(text: string): number {
  return Number(text.slice(1, -1));
}
