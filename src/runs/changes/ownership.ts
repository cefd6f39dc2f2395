import { createHash } from 'node:crypto';
import { PathError } from '../../catalog/workspace.js';
import type { ConversationId } from '../../ids.js';
import type { Claims } from '../claims.js';

/** Said wherever a conversation's changes are another window's: they are seen, reviewed and added to there alone. */
export const openElsewhere = 'The staged changes of this conversation are open in another window on this folder: go on there, or close that window.';
export const busyElsewhere = 'another window on this folder is applying or undoing changes just now: try again when it has ended.';

/** Which window has which conversation's changes, and which one may touch the real files now. */
export class Ownership {
  private readonly held = new Set<ConversationId>();

  /** Without claims, this is the only window there is. */
  constructor(private readonly claims?: Claims) {}

  holds(conversation: ConversationId): boolean {
    return this.held.has(conversation);
  }

  /** False when another living window has it. */
  async take(conversation: ConversationId): Promise<boolean> {
    if (this.held.has(conversation)) return true;
    // Where the disk takes no note of it, nobody else has it all the same.
    if (this.claims !== undefined && !(await this.claims.take(keyOf(conversation)).catch(() => true))) return false;
    this.held.add(conversation);
    return true;
  }

  /** @throws {PathError} when another window has it. */
  async mustNotBeElsewhere(conversation: ConversationId): Promise<void> {
    if (this.held.has(conversation) || this.claims === undefined) return;
    if ((await this.claims.elsewhere()).has(keyOf(conversation))) throw new PathError(openElsewhere);
  }

  async release(conversation: ConversationId): Promise<void> {
    if (this.held.delete(conversation)) await this.claims?.release(keyOf(conversation)).catch(() => undefined);
  }

  async releaseAll(): Promise<void> {
    for (const conversation of [...this.held]) await this.release(conversation);
  }

  /** Another window works on this storage: what it may be in the middle of is not to be tidied away. */
  async hasOthers(): Promise<boolean> {
    return this.claims !== undefined && (await this.claims.elsewhere()).size > 0;
  }

  /** Runs what touches the real files while no other window does; undefined, with nothing run, when one does. */
  async exclusively<T>(task: () => Promise<T>): Promise<{ readonly result: T } | undefined> {
    if (this.claims === undefined) return { result: await task() };
    if (!(await this.claims.take('effects'))) return undefined;
    try {
      return { result: await task() };
    } finally {
      await this.claims.release('effects').catch(() => undefined);
    }
  }
}

function keyOf(conversation: ConversationId): string {
  return `set-${createHash('sha256').update(conversation).digest('hex').slice(0, 32)}`;
}
