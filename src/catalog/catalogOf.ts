import { createHash } from 'node:crypto';
import type { JsonSchema, JsonValue } from '../json.js';
import { DisposableStore } from '../lifecycle/disposable.js';
import { Emitter } from '../lifecycle/event.js';
import type { Catalog, CatalogServer, CatalogSnapshot, CatalogTool } from './catalog.js';
import { effectOf } from './effect.js';
import { nameMembers, nameNamespaces } from './names.js';
import { SeenShapes } from './shapes.js';
import type { Effect, ToolAnnotations, ToolDescription, ToolRef, ToolSource } from './source.js';

export interface CatalogOptions {
  /** Folder for the shapes of results seen; kept in memory only when left out. */
  readonly storage?: string;
  readonly shapeOf: (value: JsonValue | undefined) => JsonSchema;
  readonly mergeShapes: (a: JsonSchema, b: JsonSchema) => JsonSchema;
}

/** Bursts of `list_changed` become one event; readers of {@link Catalog.current} never wait for it. */
const coalesceMs = 50;

class Tool implements CatalogTool {
  private hash: string | undefined;
  readonly ref: ToolRef;
  readonly effect: Effect;

  constructor(
    source: ToolSource,
    private readonly description_: ToolDescription,
    readonly namespace: string,
    readonly member: string,
    readonly inferredOutput: { readonly schema: JsonSchema; readonly results: number } | undefined,
  ) {
    this.ref = { source: source.id, kind: 'tool', name: description_.name };
    this.effect = effectOf(description_);
  }

  get title(): string | undefined {
    return this.description_.title ?? this.description_.annotations?.title;
  }
  get description(): string | undefined {
    return this.description_.description;
  }
  get inputSchema(): JsonSchema {
    return this.description_.inputSchema;
  }
  get outputSchema(): JsonSchema | undefined {
    return this.description_.outputSchema;
  }
  get annotations(): ToolAnnotations | undefined {
    return this.description_.annotations;
  }
  get oddities(): readonly string[] {
    return this.description_.oddities ?? [];
  }
  get suspicious(): boolean {
    return this.description_.suspicious === true;
  }
  /** Computed when first asked for: hashing thousands of schemas at once would stall the host. */
  get toolHash(): string {
    const { name, description, inputSchema, outputSchema, annotations } = this.description_;
    return (this.hash ??= createHash('sha256')
      .update(JSON.stringify([name, description, inputSchema, outputSchema, annotations]))
      .digest('hex'));
  }
}

class Snapshot implements CatalogSnapshot {
  private readonly byNamespace: ReadonlyMap<string, CatalogServer>;
  private readonly bySource: ReadonlyMap<string, CatalogServer>;
  private readonly members = new Map<CatalogServer, ReadonlyMap<string, CatalogTool>>();

  constructor(
    readonly version: number,
    readonly servers: readonly CatalogServer[],
  ) {
    this.byNamespace = new Map(servers.map((server) => [server.namespace, server]));
    this.bySource = new Map(servers.map((server) => [server.source.id, server]));
  }

  find(namespace: string, member: string): CatalogTool | undefined {
    const server = this.byNamespace.get(namespace);
    if (server === undefined) return undefined;
    let members = this.members.get(server);
    if (members === undefined) this.members.set(server, (members = new Map(server.tools.map((tool) => [tool.member, tool]))));
    return members.get(member);
  }

  byRef(ref: ToolRef): CatalogTool | undefined {
    if (ref.kind !== 'tool') return undefined;
    return this.bySource.get(ref.source)?.tools.find((tool) => tool.ref.name === ref.name);
  }
}

/** Makes the one catalog of a window or of a headless run. */
export function createCatalog(options: CatalogOptions): Catalog {
  return new LiveCatalog(options);
}

class LiveCatalog implements Catalog {
  private sources: readonly ToolSource[] = [];
  private subscriptions = new DisposableStore();
  private readonly built = new Map<ToolSource, CatalogServer>();
  private snapshot: CatalogSnapshot | undefined = new Snapshot(0, []);
  private version = 0;
  private readonly changed = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private readonly emitter = new Emitter<{ readonly namespaces: readonly string[] }>();
  private readonly shapes: SeenShapes;
  readonly onDidChange = this.emitter.event;

  constructor(private readonly options: CatalogOptions) {
    this.shapes = new SeenShapes(options.storage);
  }

  get current(): CatalogSnapshot {
    return (this.snapshot ??= this.build());
  }

  setSources(sources: readonly ToolSource[]): void {
    const before = new Map(this.current.servers.map((server) => [server.source, server.namespace]));
    this.subscriptions.dispose();
    this.subscriptions = new DisposableStore();
    this.sources = dedupe(sources);
    for (const [source, namespace] of before) {
      if (this.sources.includes(source)) continue;
      this.built.delete(source);
      this.changed.add(namespace);
    }
    for (const source of this.sources) {
      this.subscriptions.add(source.onDidChangeTools(() => this.invalidate(source)));
      if (!before.has(source)) this.invalidate(source);
      void this.shapes.load(source.definitionHash).then((known) => {
        if (known && this.sources.includes(source)) this.invalidate(source);
      });
    }
    this.snapshot = undefined;
    this.announce();
  }

  observe(ref: ToolRef, value: JsonValue | undefined): void {
    const server = this.current.servers.find((candidate) => candidate.source.id === ref.source);
    const tool = server?.tools.find((candidate) => candidate.ref.name === ref.name);
    if (server === undefined || tool === undefined || tool.outputSchema !== undefined) return;
    const hash = server.source.definitionHash;
    const seen = this.shapes.get(hash, ref.name);
    const fresh = this.options.shapeOf(value);
    const schema = seen === undefined ? fresh : this.options.mergeShapes(seen.schema, fresh);
    this.shapes.set(hash, ref.name, { schema, results: (seen?.results ?? 0) + 1 });
    // The count alone is not worth regenerating typings for: texts stay byte-stable while shapes do.
    if (seen === undefined || JSON.stringify(seen.schema) !== JSON.stringify(schema)) this.invalidate(server.source);
  }

  async forgetShapes(): Promise<void> {
    await this.shapes.clear();
    for (const source of this.sources) this.invalidate(source);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.subscriptions.dispose();
    this.emitter.dispose();
    void this.shapes.flush();
  }

  private invalidate(source: ToolSource): void {
    const namespace = this.built.get(source)?.namespace;
    if (namespace !== undefined) this.changed.add(namespace);
    this.built.delete(source);
    this.snapshot = undefined;
    this.announce();
  }

  private announce(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.current;
      const namespaces = [...this.changed];
      this.changed.clear();
      if (namespaces.length > 0) this.emitter.fire({ namespaces });
    }, coalesceMs);
    this.timer.unref();
  }

  private build(): CatalogSnapshot {
    const namespaces = nameNamespaces(this.sources.map((source) => source.id));
    const servers = this.sources.map((source, index) => {
      const namespace = namespaces[index] ?? source.id;
      const known = this.built.get(source);
      if (known?.namespace === namespace) return known;
      if (known !== undefined) this.changed.add(known.namespace);
      const server = this.describe(source, namespace);
      this.built.set(source, server);
      this.changed.add(namespace);
      return server;
    });
    return new Snapshot(++this.version, servers);
  }

  private describe(source: ToolSource, namespace: string): CatalogServer {
    // A name listed twice can only be called as one tool; the first description stands.
    const tools = [...new Map([...source.tools].reverse().map((tool) => [tool.name, tool])).values()].reverse();
    const members = nameMembers(tools.map((tool) => tool.name));
    return {
      source,
      namespace,
      tools: tools.map((tool, index) => {
        const seen = tool.outputSchema === undefined ? this.shapes.get(source.definitionHash, tool.name) : undefined;
        return new Tool(source, tool, namespace, members[index] ?? tool.name, seen);
      }),
    };
  }
}

/** Two sources with one id would make a reference mean two things: the first one is kept. */
function dedupe(sources: readonly ToolSource[]): readonly ToolSource[] {
  const ids = new Set<string>();
  return sources.filter((source) => !ids.has(source.id) && ids.add(source.id));
}
