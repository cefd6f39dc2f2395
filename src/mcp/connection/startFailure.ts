import { ProtocolError } from '@modelcontextprotocol/client';
import { UnresolvedError } from '../configuration/resolve.js';
import type { Limits } from '../limits.js';
import type { Redactor } from '../redaction.js';
import { nameOf, readFailure } from './failures.js';
import { lostCode } from './incoming.js';
import type { Reach } from './reach.js';
import { EndedError } from './session.js';

interface Start {
  readonly name: string;
  readonly reach: Reach;
  readonly limits: Limits;
  readonly redactor: Redactor;
  /** What it wrote last, ready to follow a sentence. */
  readonly said: string;
}

/** Why a server did not start: who, what went wrong, and where to look, in a sentence. */
export function startFailure(error: unknown, { name, reach, limits, redactor, said }: Start): string {
  if (error instanceof UnresolvedError) return `"${name}" was not started: ${error.message}.`;
  const unsigned = reach.failure(error);
  if (unsigned !== undefined) return unsigned;
  if (error instanceof EndedError) return `"${name}" ${error.ending} before it was ready; see its log.${said}`;
  const { proxy } = reach;
  const { reason } = readFailure(error, { proxy });
  if (reason === 'did not answer in time') return `"${name}" did not answer within ${Math.ceil(limits.startTimeout / 1000)} s of starting; see its log.${proxy === undefined ? '' : ` The way to it leads through ${nameOf(proxy)}, which may be what is silent.`}${said}`;
  if (error instanceof ProtocolError && error.code === lostCode) return `"${name}" did not answer as MCP does: ${error.message}; see its log.${said}`;
  return redactor.text(`"${name}" ${reason}${/^(?:answered|closed|failed|refused)\b/.test(reason) ? '; see its log' : ''}.${said}`);
}
