import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promptDefinition } from '../../catalog/definition.js';
import type { DefinitionPins, ToolDescription } from '../../catalog/source.js';
import { canonical } from '../configuration/definition.js';
import { replaceFile, type Offer } from './cache.js';

const version = 1;

function textOf({ title, description, inputSchema, outputSchema, annotations }: ToolDescription): string {
  return JSON.stringify(canonical({ title: title ?? annotations?.title, description, inputSchema, outputSchema, annotations }));
}

/**
 * What of an offer is held to what was approved: tools, and prompts, which speak to a model as well. Resources are not:
 * reading one sends its address and nothing else, which is what is approved, so that one with another address asks by
 * itself; what a server says of it reaches a model as data that a script read, neutralised, and its text may be another
 * one at any time, which is what the bar after reading strangers' content is for.
 */
export function pinned({ tools, prompts = [] }: Offer): readonly ToolDescription[] {
  return [...tools, ...prompts.map(promptDefinition)];
}

/**
 * What each tool of one server definition was when the developer last approved it: at first, what the server listed when
 * it was allowed. A tool that goes and comes back is held to what it was.
 */
export class Pins implements DefinitionPins {
  private now: ReadonlyMap<string, ToolDescription> = new Map();
  private readonly compared = new WeakMap<ToolDescription, boolean>();
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly file: string | undefined,
    private readonly kept: Map<string, ToolDescription>,
    /** Told when a changed definition was approved. */
    private readonly onApproved: () => void,
  ) {}

  /** Without a directory they last as long as this process. Never fails: what cannot be read was never approved. */
  static async open(directory: string | undefined, hash: string, onApproved: () => void): Promise<Pins> {
    if (directory === undefined) return new Pins(undefined, new Map(), onApproved);
    const file = path.join(directory, `${hash}.approved.json`);
    const kept = new Map<string, ToolDescription>();
    try {
      const content = JSON.parse(await readFile(file, 'utf8')) as { version?: number; tools?: readonly ToolDescription[] };
      if (content.version === version) for (const tool of content.tools ?? []) if (typeof tool.name === 'string') kept.set(tool.name, tool);
    } catch {
      // Nothing was approved yet.
    }
    return new Pins(file, kept, onApproved);
  }

  /** What the server lists now. What it never listed before is taken as approved with the server. */
  listed(tools: readonly ToolDescription[]): void {
    this.now = new Map(tools.map((tool) => [tool.name, tool]));
    const fresh = tools.filter((tool) => !this.kept.has(tool.name));
    for (const tool of fresh) this.kept.set(tool.name, tool);
    if (fresh.length > 0) this.save();
  }

  approved(name: string): ToolDescription | undefined {
    const now = this.now.get(name);
    const kept = this.kept.get(name);
    if (now === undefined || kept === undefined || now === kept) return undefined;
    let same = this.compared.get(now);
    if (same === undefined) this.compared.set(now, (same = textOf(now) === textOf(kept)));
    return same ? undefined : kept;
  }

  approve(tool: ToolDescription): void {
    const kept = this.kept.get(tool.name);
    if (kept !== undefined && textOf(kept) === textOf(tool)) return;
    this.kept.set(tool.name, tool);
    const now = this.now.get(tool.name);
    if (now !== undefined) this.compared.delete(now);
    this.save();
    this.onApproved();
  }

  /** Resolves when what was approved is on disk, or could not be brought there. */
  saved(): Promise<void> {
    return this.writing;
  }

  private save(): void {
    const { file } = this;
    if (file === undefined) return;
    this.writing = this.writing.then(() => replaceFile(file, JSON.stringify({ version, tools: [...this.kept.values()] })));
  }
}
