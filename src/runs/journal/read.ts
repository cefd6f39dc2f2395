import { isJsonObject } from '../../json.js';
import type { RunEvent } from '../events.js';

/** What is readable of a journal file, in order. */
export interface ReadJournal {
  readonly events: readonly RunEvent[];
  /** Bytes of the file that are whole: where a resumed run goes on writing. */
  readonly size: number;
  /** Why reading ended before the file did. */
  readonly damage?: string;
  /** What is readable behind the damage. Good to be looked at, and for nothing else: what it follows is not known. */
  readonly beyond?: readonly RunEvent[];
}

/** Reads up to the first damage: what comes after a broken line cannot be trusted to follow what came before. */
export function readJournal(bytes: Uint8Array): ReadJournal {
  const events: RunEvent[] = [];
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let start = 0;
  while (start < buffer.length) {
    const end = buffer.indexOf(10, start);
    if (end === -1) return { events, size: start, damage: 'The last entry was not written to its end.' };
    const event = parse(buffer.toString('utf8', start, end));
    if (event === undefined || event.seq !== events.length || (events[0] !== undefined && event.run !== events[0].run)) {
      return { events, size: start, ...behind(buffer.toString('utf8', end + 1), events, `Entry ${events.length + 1}`) };
    }
    events.push(event);
    start = end + 1;
  }
  return { events, size: start };
}

function behind(text: string, before: readonly RunEvent[], entry: string): Pick<ReadJournal, 'damage' | 'beyond'> {
  const known = before[0]?.run;
  const found = text.split('\n').flatMap((line) => parse(line) ?? []);
  const run = known ?? found[0]?.run;
  let last = before.length - 1;
  const beyond = found.filter((event) => {
    const isNext = event.run === run && event.seq > last;
    if (isNext) last = event.seq;
    return isNext;
  });
  if (beyond.length === 0) return { damage: `${entry} is damaged, and nothing behind it can be read.` };
  return { beyond, damage: `${entry} is damaged. What can be read behind it is shown, and may lack something.` };
}

function parse(line: string): RunEvent | undefined {
  try {
    const event: unknown = JSON.parse(line);
    if (!isJsonObject(event) || event['v'] !== 1 || typeof event['run'] !== 'string' || typeof event['seq'] !== 'number' || typeof event['type'] !== 'string') return undefined;
    return event as unknown as RunEvent;
  } catch {
    return undefined;
  }
}
