/** A line of a stream, or what is known of one that was too long to keep. */
export type Line =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'oversized'; readonly bytes: number; readonly head: string; readonly tail: string };

const ends = 4096;

/** Splits a byte stream into lines; holds at most `maxBytes` of it, whatever comes. */
export class LineSplitter {
  private parts: Buffer[] = [];
  private held = 0;
  /** Set while skipping the rest of a line that is too long. */
  private skipped: { bytes: number; readonly head: string; tail: Buffer } | undefined;

  constructor(private readonly maxBytes: number) {}

  push(chunk: Buffer): Line[] {
    const lines: Line[] = [];
    let start = 0;
    while (start < chunk.length) {
      const newline = chunk.indexOf(10, start);
      this.take(chunk.subarray(start, newline === -1 ? chunk.length : newline));
      if (newline === -1) break;
      const line = this.finish();
      if (line !== undefined) lines.push(line);
      start = newline + 1;
    }
    return lines;
  }

  /** What came after the last line end. */
  end(): Line | undefined {
    return this.finish();
  }

  private take(part: Buffer): void {
    if (this.skipped !== undefined) {
      this.skipped.bytes += part.length;
      const tail = part.length >= ends ? part.subarray(part.length - ends) : Buffer.concat([this.skipped.tail, part]).subarray(-ends);
      this.skipped.tail = Buffer.from(tail);
      return;
    }
    if (part.length === 0) return;
    if (this.held + part.length > this.maxBytes) {
      const head = Buffer.concat([...this.parts, part].slice(0, 2)).subarray(0, ends).toString('utf8');
      this.skipped = { bytes: this.held + part.length, head, tail: Buffer.from(part.subarray(-ends)) };
      this.parts = [];
      this.held = 0;
      return;
    }
    // A copy: a slice would keep the whole chunk it came from alive.
    this.parts.push(Buffer.from(part));
    this.held += part.length;
  }

  private finish(): Line | undefined {
    if (this.skipped !== undefined) {
      const { bytes, head, tail } = this.skipped;
      this.skipped = undefined;
      return { kind: 'oversized', bytes, head, tail: tail.toString('utf8') };
    }
    if (this.held === 0) return undefined;
    const text = (this.parts.length === 1 ? this.parts[0]! : Buffer.concat(this.parts)).toString('utf8').replace(/\r$/, '');
    this.parts = [];
    this.held = 0;
    return text.trim() === '' ? undefined : { kind: 'line', text };
  }
}
