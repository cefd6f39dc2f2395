import { createHash, randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { ConversationId } from '../ids.js';

export const participantId = 'codemode.codemode';

/** What an answer leaves behind for the next one of its conversation. */
export interface TurnMetadata {
  readonly conversation: string;
  /** Runs of the turn, newest last. */
  readonly runs: readonly string[];
  /** What the model was told of them, cut to a length that history can carry. */
  readonly reports: readonly string[];
}

export function metadataOf(turn: vscode.ChatResponseTurn): TurnMetadata | undefined {
  const metadata = turn.result.metadata as Partial<TurnMetadata> | undefined;
  if (typeof metadata?.conversation !== 'string') return undefined;
  return { conversation: metadata.conversation, runs: metadata.runs ?? [], reports: metadata.reports ?? [] };
}

/** The conversation a request belongs to: what an earlier answer in it noted, else a new one. */
export function conversationOf(context: vscode.ChatContext): ConversationId {
  for (const turn of [...context.history].reverse()) {
    if (!(turn instanceof vscode.ChatResponseTurn) || turn.participant !== participantId) continue;
    const metadata = metadataOf(turn);
    if (metadata !== undefined) return metadata.conversation as ConversationId;
  }
  return newConversation('chat');
}

export function newConversation(kind: string): ConversationId {
  return `${kind}-${randomUUID()}` as ConversationId;
}

/**
 * The conversation of an agent-mode call. The token is opaque by contract; the chat session it names in practice keeps
 * the calls of one chat together, and where it does not name one, each call stands alone.
 */
export function conversationOfToken(token: unknown): ConversationId {
  const session = (token as { readonly sessionId?: unknown } | undefined)?.sessionId;
  if (typeof session !== 'string' || session === '') return newConversation('agent');
  return `agent-${createHash('sha256').update(session).digest('hex').slice(0, 24)}` as ConversationId;
}
