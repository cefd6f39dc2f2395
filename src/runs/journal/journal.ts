import type { RunId } from '../../ids.js';
import { Emitter, type Event } from '../../lifecycle/event.js';
import type { RunEvent, RunEventInput } from '../events.js';
import { onAbort } from '../onAbort.js';
import type { Blobs } from './blobs.js';
import type { JournalFile, JournalFiles } from './files.js';
import type { Redactor } from './redact.js';

/** The append-only list of a run's events: in memory at once, in its file as fast as the disk takes it. */
export interface Journal {
  readonly events: readonly RunEvent[];
  readonly onDidAppend: Event<RunEvent>;
  /** Set while the file cannot be written; writing is tried again until it can, or until {@link close}. */
  readonly trouble: string | undefined;
  readonly onDidChangeTrouble: Event<void>;
  append(body: RunEventInput): RunEvent;
  /** Resolves when everything appended so far is in the file; waits as long as the disk refuses. */
  written(signal?: AbortSignal): Promise<void>;
  /** As {@link written}, and on the disk itself. */
  synced(signal?: AbortSignal): Promise<void>;
  /** Lets go of the file once all is in it; an event that comes later opens it again. */
  rest(): void;
  /** Writes what can be written, then lets go of the file for good: what is appended later stays in memory. */
  close(): Promise<void>;
}

interface Waiter {
  readonly upTo: number;
  readonly sync: boolean;
  readonly resolve: () => void;
}

export interface JournalOptions {
  readonly run: RunId;
  readonly file: string;
  readonly files: JournalFiles;
  readonly blobs: Blobs;
  readonly redact: Redactor;
  readonly now: () => number;
  /** Wait between two tries on a disk that refuses, in ms. */
  readonly retryMs: number;
  /** What the file holds already, and how many bytes of it are whole: where a resumed run goes on. */
  readonly earlier?: { readonly events: readonly RunEvent[]; readonly size: number };
}

export function createJournal(options: JournalOptions): Journal {
  const { run, files, blobs, redact, now } = options;
  const events: RunEvent[] = [...(options.earlier?.events ?? [])];
  const appended = new Emitter<RunEvent>();
  const troubleChanged = new Emitter<void>();
  let file: JournalFile | undefined;
  let queue: string[] = [];
  let waiters: Waiter[] = [];
  let writtenTo = events.length;
  let trouble: string | undefined;
  let closed = false;
  let resting = false;
  let size = options.earlier?.size ?? 0;
  let draining: Promise<void> | undefined;
  let wake: () => void = () => undefined;

  const setTrouble = (message: string | undefined): void => {
    if (trouble === message) return;
    trouble = message;
    troubleChanged.fire();
  };

  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, options.retryMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  /** Tries until it works; false when the journal was closed while it did not. */
  const persist = async (step: () => Promise<void>): Promise<boolean> => {
    for (;;) {
      try {
        await step();
        setTrouble(undefined);
        return true;
      } catch (error) {
        setTrouble(`The record of this run cannot be written (${reasonOf(error)}). Free some space; the run waits and goes on by itself.`);
        if (closed) return false;
        await pause();
      }
    }
  };

  const release = (sync: boolean): void => {
    const rest: Waiter[] = [];
    for (const waiter of waiters) {
      if (waiter.upTo <= writtenTo && (sync || !waiter.sync)) waiter.resolve();
      else rest.push(waiter);
    }
    waiters = rest;
  };

  const drain = async (): Promise<void> => {
    while (queue.length > 0 || waiters.length > 0) {
      const batch = queue;
      queue = [];
      if (batch.length > 0) {
        const text = batch.join('');
        const done = await persist(async () => {
          // A blob is on disk before the event that names it.
          await blobs.flush();
          file ??= await files.openAt(options.file, size);
          await file.append(text);
        });
        if (!done) return;
        size += Buffer.byteLength(text);
        writtenTo += batch.length;
        release(false);
      }
      if (waiters.some((waiter) => waiter.sync && waiter.upTo <= writtenTo)) {
        if (!(await persist(async () => file?.sync()))) return;
        release(true);
      }
    }
    if (resting && file !== undefined) {
      const idle = file;
      file = undefined;
      await idle.close().catch(() => undefined);
    }
  };

  const kick = (): void => {
    draining ??= drain().finally(() => {
      draining = undefined;
      if (queue.length > 0 && !closed) kick();
    });
  };

  const wait = (sync: boolean, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(abortReason(signal));
      const stay = signal === undefined ? () => undefined : onAbort(signal, () => reject(abortReason(signal)));
      const waiter: Waiter = {
        upTo: events.length,
        sync,
        resolve: () => {
          stay();
          resolve();
        },
      };
      if (!sync && writtenTo >= waiter.upTo) return waiter.resolve();
      waiters.push(waiter);
      kick();
    });

  return {
    events,
    onDidAppend: appended.event,
    get trouble() {
      return trouble;
    },
    onDidChangeTrouble: troubleChanged.event,
    append(body) {
      const event = { v: 1, run, seq: events.length, at: now(), ...body } as RunEvent;
      const plain = JSON.stringify(event);
      // What is shown of a run is what its journal holds: no reader sees a secret that the file does not have.
      const found = redact.value<RunEvent>(event, plain);
      const clean = found === event ? event : ({ ...found, ...identityOf(event) } as RunEvent);
      const line = clean === event ? plain : JSON.stringify(clean);
      events.push(clean);
      if (!closed) {
        queue.push(`${line}\n`);
        kick();
      }
      appended.fire(clean);
      return clean;
    },
    written: (signal) => wait(false, signal),
    synced: (signal) => wait(true, signal),
    rest() {
      resting = true;
      kick();
    },
    async close() {
      closed = true;
      wake();
      await draining;
      if (queue.length > 0) await drain();
      await file?.close().catch(() => undefined);
      file = undefined;
      for (const waiter of waiters) waiter.resolve();
      waiters = [];
    },
  };
}

function abortReason(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error('Stopped.');
}

function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk is full';
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return 'its folder may not be written to';
  return error instanceof Error ? error.message : String(error);
}

/** What a secret that happens to be an ordinary word must not touch. */
function identityOf(event: RunEvent): object {
  const { v, run, seq, at, type } = event;
  return { v, run, seq, at, type, ...('call' in event && { call: event.call }), ...('question' in event && { question: event.question }), ...('changeSet' in event && { changeSet: event.changeSet }) };
}
