import type { JsonObject, JsonSchema } from '../json.js';
import { isJsonObject } from '../json.js';
import { isSchema, subschemas } from './keywords.js';

const rootBase = 'schema://root/';
/** Schemas of one document that can be referred to by name; what stands deeper is found by pointers that lead there. */
const maximumEntries = 10_000;

/** One schema document and its references; nothing outside it is ever fetched (Core 2020-12, 8 and 9). */
export class SchemaDocument {
  /** Drafts up to 7: a reference hides whatever stands beside it. */
  readonly referencesHideSiblings: boolean;
  private readonly usesPlainId: boolean;
  private index: { readonly targets: Map<string, JsonSchema>; readonly bases: Map<JsonObject, string>; readonly dynamic: Map<string, number> } | undefined;

  constructor(private readonly root: JsonSchema) {
    const dialect = isJsonObject(root) && typeof root['$schema'] === 'string' ? root['$schema'] : '';
    this.referencesHideSiblings = /draft-0[3-7]/.test(dialect);
    this.usesPlainId = /draft-0[34]/.test(dialect);
  }

  /** Holds schemas written to be extended by others, so that no list of members is complete; known once a reference was followed. */
  get isExtensible(): boolean {
    return this.index !== undefined && this.index.dynamic.size > 0;
  }

  /** What the reference keyword of a schema points to; `undefined` where that is elsewhere, nowhere, or only known at run time. */
  target(schema: JsonObject): JsonSchema | undefined {
    if (typeof schema['$ref'] === 'string') return this.resolve(schema['$ref'], schema);
    if (typeof schema['$dynamicRef'] === 'string') {
      const target = this.resolve(schema['$dynamicRef'], schema);
      const anchor = isJsonObject(target) && typeof target['$dynamicAnchor'] === 'string' ? target['$dynamicAnchor'] : undefined;
      const isDynamic = anchor !== undefined && schema['$dynamicRef'].endsWith(`#${anchor}`) && (this.indexed().dynamic.get(anchor) ?? 0) > 1;
      return isDynamic ? undefined : target;
    }
    if (typeof schema['$recursiveRef'] === 'string') {
      return (this.indexed().dynamic.get('') ?? 0) > 1 ? undefined : this.resolve(schema['$recursiveRef'], schema);
    }
    return undefined;
  }

  private resolve(reference: string, from: JsonObject): JsonSchema | undefined {
    const { targets, bases } = this.indexed();
    const base = bases.get(from) ?? (bases.size < maximumEntries ? rootBase : undefined);
    if (base === undefined) return undefined;
    const url = absolute(reference, base);
    if (url === undefined) return undefined;
    const hash = url.indexOf('#');
    const resource = hash < 0 ? url : url.slice(0, hash);
    const fragment = hash < 0 ? '' : decode(url.slice(hash + 1));
    const start = targets.get(resource);
    if (fragment === '') return start;
    return fragment.startsWith('/') ? this.follow(start, resource, fragment) : targets.get(`${resource}#${fragment}`);
  }

  /** A JSON pointer (RFC 6901) from a resource's root; it may lead through places of unknown meaning. */
  private follow(start: JsonSchema | undefined, resource: string, pointer: string): JsonSchema | undefined {
    const { bases } = this.indexed();
    let node: unknown = start;
    let base = resource;
    for (const raw of pointer.split('/').slice(1)) {
      const token = raw.replaceAll('~1', '/').replaceAll('~0', '~');
      if (Array.isArray(node)) node = /^\d+$/.test(token) ? (node as unknown[])[Number(token)] : undefined;
      else if (isJsonObject(node) && Object.hasOwn(node, token)) node = node[token];
      else return undefined;
      if (isJsonObject(node)) base = bases.get(node) ?? base;
    }
    if (!isSchema(node)) return undefined;
    if (isJsonObject(node) && !bases.has(node)) this.enter(node, base);
    return node;
  }

  private indexed(): NonNullable<typeof this.index> {
    if (!this.index) {
      this.index = { targets: new Map([[rootBase, this.root]]), bases: new Map(), dynamic: new Map() };
      if (isJsonObject(this.root)) this.enter(this.root, rootBase);
    }
    return this.index;
  }

  /** Notes the base and the names of a schema and of all schemas inside it. Iterative: schemas may nest deeper than the stack. */
  private enter(schema: JsonObject, outerBase: string): void {
    const { targets, bases, dynamic } = this.index!;
    const open: { node: JsonObject; base: string }[] = [{ node: schema, base: outerBase }];
    for (let next = open.pop(); next; next = open.pop()) {
      const { node } = next;
      let { base } = next;
      if (bases.has(node)) continue;
      if (bases.size >= maximumEntries) return;
      const isHidden = this.referencesHideSiblings && typeof node['$ref'] === 'string';
      const id = isHidden ? undefined : (node['$id'] ?? (this.usesPlainId ? node['id'] : undefined));
      if (typeof id === 'string') {
        const url = absolute(id, base);
        if (url !== undefined && id.startsWith('#')) targets.set(url, node);
        else if (url !== undefined) {
          base = url.replace(/#.*$/s, '');
          targets.set(base, node);
        }
      }
      bases.set(node, base);
      for (const keyword of ['$anchor', '$dynamicAnchor']) {
        const anchor = node[keyword];
        if (typeof anchor !== 'string' || isHidden) continue;
        if (!targets.has(`${base}#${anchor}`)) targets.set(`${base}#${anchor}`, node);
        if (keyword === '$dynamicAnchor') dynamic.set(anchor, (dynamic.get(anchor) ?? 0) + 1);
      }
      if (node['$recursiveAnchor'] === true) dynamic.set('', (dynamic.get('') ?? 0) + 1);
      for (const inner of subschemas(node)) if (isJsonObject(inner)) open.push({ node: inner, base });
    }
  }

  /** Gives a schema made up while reading the base of the one it was made from. */
  adopt(made: JsonObject, from: JsonObject): void {
    const { bases } = this.indexed();
    const base = bases.get(from) ?? (bases.size < maximumEntries ? rootBase : undefined);
    if (base !== undefined) bases.set(made, base);
  }
}

function absolute(reference: string, base: string): string | undefined {
  // The common case, and the only one that hostile documents can make many of.
  if (reference.startsWith('#')) return base + reference;
  try {
    return new URL(reference, base).href;
  } catch {
    return undefined;
  }
}

function decode(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
