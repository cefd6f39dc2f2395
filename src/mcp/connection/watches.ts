import { toDisposable, type Disposable } from '../../lifecycle/disposable.js';

/** Who wants to be told of changes of which resources, whether the server runs just now or not. */
export class Watches {
  private readonly listeners = new Map<string, Set<() => void>>();

  /** @param onDidChange called when other resources are watched than before. */
  constructor(private readonly onDidChange: () => void) {}

  get uris(): readonly string[] {
    return [...this.listeners.keys()];
  }

  add(uri: string, listener: () => void): Disposable {
    const known = this.listeners.get(uri);
    // One function may be given twice, and stands for two then.
    const own = (): void => listener();
    if (known === undefined) this.listeners.set(uri, new Set([own]));
    else known.add(own);
    if (known === undefined) this.onDidChange();
    return toDisposable(() => {
      const left = this.listeners.get(uri);
      left?.delete(own);
      if (left?.size !== 0) return;
      this.listeners.delete(uri);
      this.onDidChange();
    });
  }

  /** A server may name a resource below the one that is watched (MCP 2025-11-25, Resources, subscriptions). */
  changed(uri: string): void {
    for (const [watched, listeners] of this.listeners) {
      if (uri !== watched && !uri.startsWith(watched.endsWith('/') ? watched : `${watched}/`)) continue;
      for (const listener of [...listeners]) listener();
    }
  }
}
