import { isJsonObject } from '../../json.js';
import type { RunEvent } from '../events.js';

/** What is readable of a journal file, in order. */
export interface ReadJournal {
  readonly events: readonly RunEvent[];
  /** Bytes of the file that are whole: where a resumed run goes on writing. */
  readonly size: number;
  /** Why reading ended before the file did. */
  readonly damage?: string;
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
      return { events, size: start, damage: `Entry ${events.length + 1} is damaged; what follows it is left out.` };
    }
    events.push(event);
    start = end + 1;
  }
  return { events, size: start };
}

function parse(line: string): RunEvent | undefined {
  try {
    const event: unknown = JSON.parse(line);
    if (!isJsonObject(event) || event['v'] !== 1 || typeof event['seq'] !== 'number' || typeof event['type'] !== 'string') return undefined;
    return event as unknown as RunEvent;
  } catch {
    return undefined;
  }
}
