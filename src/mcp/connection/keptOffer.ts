import type { Offer, OfferCache } from '../offers/cache.js';
import { pinned, type Pins } from '../offers/pins.js';
import { readLists } from '../offers/readOffer.js';
import type { Limits } from '../limits.js';
import type { Redactor } from '../redaction.js';
import { readFailure } from './failures.js';
import { Refresh } from './refresh.js';
import type { Session } from './session.js';
import type { ListKind } from './wire.js';

interface Rooms {
  readonly limits: Limits;
  readonly cache: OfferCache;
  readonly redactor: Redactor;
  readonly pins: Pins;
  /** The definition it belongs to. */
  readonly hash: () => string;
  readonly session: () => Session | undefined;
  readonly onChange: () => void;
  readonly onLog: (text: string) => void;
}

/** What a server offers, as it was read last: remembered over windows, and read again where the server says it changed. */
export class KeptOffer {
  private readonly refresh: Refresh<ListKind>;
  /** What was announced while the server was starting, and may be later than what is read of it just then. */
  private readonly early = new Set<ListKind>();

  constructor(
    private readonly rooms: Rooms,
    private known: Offer | undefined,
  ) {
    if (known !== undefined) rooms.pins.listed(pinned(known));
    this.refresh = new Refresh(rooms.limits.refreshDelay, async (kind) => this.readAgain(kind));
  }

  get current(): Offer | undefined {
    return this.known;
  }

  /** What was read when the server started. */
  async started(offer: Offer): Promise<void> {
    for (const kind of this.early) this.announce(kind);
    this.early.clear();
    await this.keep(offer);
  }

  private async keep(offer: Offer): Promise<void> {
    const { redactor, pins, cache, hash, onChange } = this.rooms;
    const clean = redactor.value(offer as never) as unknown as Offer;
    const changed = JSON.stringify(clean) !== JSON.stringify(this.known);
    this.known = clean;
    if (!changed) return;
    pins.listed(pinned(clean));
    onChange();
    await cache.write(hash(), clean, redactor);
  }

  /** A list may change many times in a row: it is read once they pause, and one refresh at a time. */
  announce(kind: ListKind): void {
    this.refresh.announce(kind);
  }

  /** Nothing is read any more of what was announced. */
  rest(): void {
    this.refresh.clear();
    this.early.clear();
  }

  private async readAgain(kind: ListKind): Promise<void> {
    const { limits, onLog } = this.rooms;
    const session = this.rooms.session();
    if (session === undefined) {
      this.early.add(kind);
      return;
    }
    try {
      const read = await readLists(session, limits, AbortSignal.timeout(limits.listTimeout * 4), [kind]);
      const { known } = this;
      // Other lists may have been read meanwhile, and the server may be gone or another one.
      if (known !== undefined && this.rooms.session() === session) await this.keep({ ...known, ...read, notices: { ...known.notices, ...read.notices } });
    } catch (error) {
      onLog(`Its ${kind} changed and could not be read again: ${readFailure(error, { ended: session.ending }).reason}`);
    }
  }
}
