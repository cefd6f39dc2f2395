import type { Catalog, CatalogServer } from '../../catalog/catalog.js';
import { Emitter, type Event } from '../../lifecycle/event.js';
import type { Disposable } from '../../lifecycle/disposable.js';
import { declareServer, type ServerToDeclare } from '../server.js';

/** The declarations of one server; `namespace` is also its file name. */
export interface TypingsFileText {
  readonly namespace: string;
  readonly text: string;
}

/** The declarations of the whole catalog, as they stand for its current version. */
export interface Typings extends Disposable {
  /** Complete for the catalog as it is now; what the background has not reached yet is generated on the spot. */
  readonly current: { readonly version: number; readonly files: readonly TypingsFileText[] };
  /** Namespaces whose file changed, came or went, once their text is there. */
  readonly onDidChange: Event<readonly string[]>;
}

/**
 * Keeps one declaration file a server. A server's text is made once for each of its versions, in the background,
 * one server a turn of the event loop, so that a large catalog never holds up the host for long.
 */
export function createTypings(catalog: Catalog): Typings {
  const texts = new WeakMap<CatalogServer, TypingsFileText>();
  const emitter = new Emitter<readonly string[]>();
  let disposed = false;
  let snapshot: Typings['current'] | undefined;

  const fileOf = (server: CatalogServer): TypingsFileText => {
    let file = texts.get(server);
    if (file === undefined) {
      file = { namespace: server.namespace, text: declareServer(toDeclare(server)).text };
      texts.set(server, file);
    }
    return file;
  };

  const inBackground = async (): Promise<void> => {
    for (const server of catalog.current.servers) {
      if (disposed) return;
      if (texts.has(server)) continue;
      fileOf(server);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  const subscription = catalog.onDidChange(({ namespaces }) => {
    void inBackground().then(() => {
      if (!disposed) emitter.fire(namespaces);
    });
  });
  void inBackground();

  return {
    get current() {
      const { version, servers } = catalog.current;
      if (snapshot?.version !== version) snapshot = { version, files: servers.map(fileOf) };
      return snapshot;
    },
    onDidChange: emitter.event,
    dispose() {
      disposed = true;
      subscription.dispose();
      emitter.dispose();
    },
  };
}

/** A catalog server in the words of the generator. */
export function toDeclare(server: CatalogServer): ServerToDeclare {
  return {
    namespace: server.namespace,
    title: server.source.title,
    instructions: server.source.instructions,
    prompts: server.source.prompts?.prompts,
    tools: server.tools.map((tool) => ({
      name: tool.ref.name,
      member: tool.member,
      title: tool.title,
      description: tool.description,
      inputSchema: tool.inputSchema,
      outputSchema: tool.outputSchema,
      inferredOutput: tool.inferredOutput,
      annotations: tool.annotations,
      effect: tool.effect,
    })),
  };
}
