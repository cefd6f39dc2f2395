import { randomUUID } from 'node:crypto';
import type { ToolRef } from '../../catalog/source.js';
import type { RunId } from '../../ids.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json.js';
import { Emitter, type Event } from '../../lifecycle/event.js';

/** A remembered yes. It names what was approved so exactly that a changed tool is not covered. */
export interface Grant {
  readonly id: string;
  readonly scope: 'run' | 'session' | 'workspace';
  readonly server: string;
  /** Launch definition of the server at the time. */
  readonly definitionHash: string;
  /** Original name → definition hash of every tool covered; one entry, or all tools the server had. */
  readonly tools: Readonly<Record<string, string>>;
  readonly breadth: 'tool' | 'server';
  readonly kind: ToolRef['kind'];
  /** ms since the epoch. */
  readonly at: number;
  /** Set for `run`. */
  readonly run?: RunId;
  /** Given after the run had read strangers' content, and knowing that. */
  readonly afterOutside?: boolean;
  /** What the tool was, to show what changed; only for one tool and when small. */
  readonly definition?: JsonObject;
}

/** A tool as a grant is bound to it. */
export interface Granted {
  readonly ref: ToolRef;
  readonly definitionHash: string;
  readonly toolHash: string;
}

export interface Memory {
  get(key: string): JsonValue | undefined;
  set(key: string, value: JsonValue): Promise<void>;
}

const memoryKey = 'approvals.grants';

/** Every remembered yes, of this run, this session and this workspace. */
export class Grants {
  private grants: readonly Grant[];
  private readonly changed = new Emitter<void>();
  readonly onDidChange: Event<void> = this.changed.event;

  constructor(
    private readonly memory: Memory,
    private readonly now: () => number,
  ) {
    this.grants = readGrants(memory.get(memoryKey));
  }

  get all(): readonly Grant[] {
    return this.grants;
  }

  /** Resolves when it is remembered for as long as it should be. */
  async add(grant: Omit<Grant, 'id' | 'at'>): Promise<Grant> {
    const added: Grant = { ...grant, id: randomUUID(), at: this.now() };
    this.grants = [...this.grants, added];
    this.changed.fire();
    if (added.scope === 'workspace') await this.save();
    return added;
  }

  /** False when there was no such grant. */
  async revoke(id: string): Promise<boolean> {
    const rest = this.grants.filter((grant) => grant.id !== id);
    if (rest.length === this.grants.length) return false;
    this.grants = rest;
    this.changed.fire();
    await this.save();
    return true;
  }

  async reset(): Promise<void> {
    this.grants = [];
    this.changed.fire();
    await this.save();
  }

  endRun(run: RunId): void {
    if (this.grants.some((grant) => grant.run === run)) this.grants = this.grants.filter((grant) => grant.run !== run);
  }

  /** The grants that name this tool and reach this run, as fitting or out of date. */
  *for(tool: Granted, run: RunId | undefined): Generator<{ readonly grant: Grant; readonly stale?: string }> {
    for (const grant of this.grants) {
      if (grant.server !== tool.ref.source || (grant.run !== undefined && grant.run !== run)) continue;
      // A server-wide yes is about its tools, resources and prompts alike.
      if (grant.breadth === 'tool' && (grant.kind !== tool.ref.kind || !Object.hasOwn(grant.tools, tool.ref.name))) continue;
      if (grant.definitionHash !== tool.definitionHash) {
        yield { grant, stale: `how ${tool.ref.source} is started changed since you approved it` };
      } else if (tool.ref.kind === 'tool' && !Object.hasOwn(grant.tools, tool.ref.name)) {
        yield { grant, stale: `it was added since you approved ${tool.ref.source}` };
      } else if (tool.ref.kind === 'tool' && grant.tools[tool.ref.name] !== tool.toolHash) {
        yield { grant, stale: 'its definition changed since you approved it' };
      } else {
        yield { grant };
      }
    }
  }

  private async save(): Promise<void> {
    await this.memory.set(memoryKey, this.grants.filter((grant) => grant.scope === 'workspace') as unknown as JsonValue);
  }
}

/** What is remembered may be old or damaged; what does not look like a grant is no yes. */
function readGrants(remembered: JsonValue | undefined): readonly Grant[] {
  if (!Array.isArray(remembered)) return [];
  return (remembered as readonly JsonValue[]).filter((entry): entry is JsonObject & Grant => {
    if (!isJsonObject(entry)) return false;
    const texts = [entry['id'], entry['server'], entry['definitionHash']].every((text) => typeof text === 'string');
    const words = entry['scope'] === 'workspace' && ['tool', 'server'].includes(entry['breadth'] as string);
    const tools = entry['tools'];
    return texts && words && typeof entry['at'] === 'number' && isJsonObject(tools) && Object.values(tools).every((hash) => typeof hash === 'string');
  });
}
