import { isJsonObject, type JsonObject, type JsonValue } from '../../json.js';

/** A text among the arguments of a call that stands, word for word, in something private that the run has read. */
export interface Trace {
  /** Where in the arguments, dotted. */
  readonly argument: string;
  /** The tools whose answers held it, as scripts write them. */
  readonly from: readonly string[];
}

/** Characters of private answers a run remembers; the newest stay. */
const mostRemembered = 1_000_000;
/** Characters of arguments that are looked at. */
const mostLookedAt = 200_000;
/** Every text in common that is at least `window + step - 1` characters long is found. */
const window = 12;
const step = 8;

/** What a run has read of private data, to say which values of a later call would carry it away. */
export class Traces {
  private texts: { readonly from: string; readonly text: string }[] = [];
  private size = 0;
  /** Pieces of the texts with the tools that gave them; made when first asked for, and then kept up. */
  private pieces: Map<string, Set<string>> | undefined;
  private indexed = 0;

  /** Notes the answer of a private tool. */
  note(from: string, answer: JsonValue | undefined): void {
    for (const [, whole] of textsIn(answer)) {
      const text = whole.slice(0, mostRemembered);
      if (text.length < window) continue;
      this.texts.push({ from, text });
      this.size += text.length;
    }
    if (this.size > mostRemembered) this.forgetOldest();
  }

  /** The arguments that hold what was read. */
  find(args: JsonObject): readonly Trace[] {
    if (this.texts.length === 0) return [];
    const pieces = this.index();
    const found: Trace[] = [];
    let left = mostLookedAt;
    for (const [argument, whole] of textsIn(args)) {
      const text = whole.slice(0, left);
      left -= text.length;
      const from = new Set<string>();
      for (let at = 0; at + window <= text.length; at++) for (const tool of pieces.get(text.slice(at, at + window)) ?? []) from.add(tool);
      if (from.size > 0) found.push({ argument, from: [...from] });
      if (left <= 0) break;
    }
    return found;
  }

  private forgetOldest(): void {
    let gone = 0;
    while (this.size > mostRemembered) this.size -= this.texts[gone++]?.text.length ?? this.size;
    this.texts = this.texts.slice(gone);
    this.pieces = undefined;
  }

  private index(): ReadonlyMap<string, ReadonlySet<string>> {
    if (this.pieces === undefined) this.indexed = 0;
    const pieces = (this.pieces ??= new Map<string, Set<string>>());
    for (const { from, text } of this.texts.slice(this.indexed)) {
      for (let at = 0; at + window <= text.length; at += step) {
        const piece = text.slice(at, at + window);
        // Blank space and rules of one character are in every text.
        if (new Set(piece).size < 5) continue;
        const known = pieces.get(piece);
        if (known === undefined) pieces.set(piece, new Set([from]));
        else known.add(from);
      }
    }
    this.indexed = this.texts.length;
    return pieces;
  }
}

/** Every text in a value with its place. */
function* textsIn(value: JsonValue | undefined, place: readonly string[] = []): Generator<readonly [string, string]> {
  if (typeof value === 'string') yield [place.join('.'), value];
  else if (Array.isArray(value)) for (const [index, item] of (value as readonly JsonValue[]).entries()) yield* textsIn(item, [...place, String(index)]);
  else if (isJsonObject(value)) for (const [member, item] of Object.entries(value)) yield* textsIn(item, [...place, member]);
}
