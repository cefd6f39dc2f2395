/// <reference lib="dom" />
import type { FromPanel, ToPanel } from '../../../src/views/panel/protocol.js';

interface Host {
  postMessage(message: FromPanel): void;
  getState(): Remembered | undefined;
  setState(state: Remembered): void;
}

/** What the page remembers of its own looks while it is hidden. */
export interface Remembered {
  readonly folded: readonly string[];
  /** The run of a page, which is opened again after a reload. */
  readonly run?: string;
  /** It is a replay; of another script where that is here. */
  readonly replay?: { readonly source?: string };
  /** Number of the call that a walk stands at. */
  readonly walk?: number;
}

declare function acquireVsCodeApi(): Host;
const host = acquireVsCodeApi();

export const send = (message: FromPanel): void => host.postMessage(message);
export const remembered = (): Remembered => host.getState() ?? { folded: [] };
export const remember = (state: Remembered): void => host.setState(state);

export function onMessage(listener: (message: ToPanel) => void): () => void {
  const listen = (event: MessageEvent<ToPanel>): void => listener(event.data);
  window.addEventListener('message', listen);
  return () => window.removeEventListener('message', listen);
}
