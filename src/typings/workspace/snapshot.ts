import type { Catalog, CatalogServer } from '../../catalog/catalog.js';
import { Emitter, type Event } from '../../lifecycle/event.js';
import type { Disposable } from '../../lifecycle/disposable.js';
import { declareServer, declaring, type ServerToDeclare } from '../server.js';
import { inSlices } from '../steps.js';

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
  /** Resolves once nothing is left to generate on the spot. */
  settled(): Promise<void>;
}

/**
 * Keeps one declaration file a server. A server's text is made once for each of its versions, in the background and in
 * slices of a few milliseconds, so that a large catalog never holds up the host.
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

  let working: Promise<void> | undefined;
  const work = async (): Promise<void> => {
    const slice = { endsAt: 0 };
    for (let left = missing(); left !== undefined && !disposed; left = missing()) {
      const { namespace } = left;
      const { text } = await inSlices(declaring(toDeclare(left)), slice);
      texts.set(left, { namespace, text });
    }
  };
  const missing = (): CatalogServer | undefined => catalog.current.servers.find((server) => !texts.has(server));
  const settled = (): Promise<void> => (working ??= work().finally(() => (working = undefined)));

  const subscription = catalog.onDidChange(({ namespaces }) => {
    void settled().then(() => {
      if (!disposed) emitter.fire(namespaces);
    });
  });
  void settled();

  return {
    get current() {
      const { version, servers } = catalog.current;
      if (snapshot?.version !== version) snapshot = { version, files: servers.map(fileOf) };
      return snapshot;
    },
    onDidChange: emitter.event,
    settled,
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
