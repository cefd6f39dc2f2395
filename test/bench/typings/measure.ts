import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import type { JsonSchema, JsonValue } from '../../../src/json.js';
import { isJsonObject } from '../../../src/json.js';
import { errorsOf, judge, type Probe } from './compile.js';
import type { Calls } from './instances.js';
import type { BenchTool, Generator } from './peers.js';
import type { SuiteCase } from './suite.js';

export interface SuiteFigures {
  readonly validAccepted: number;
  readonly coreRejected: number;
  readonly fidelity: number;
  readonly broken: number;
  readonly crashed: number;
  /** What went wrong, one line each, worst first. */
  readonly failures: readonly string[];
}

/** The suite with each schema as the type of a parameter, or of a member of it. */
export async function measureSuite(generator: Generator, cases: readonly SuiteCase[], mode: 'root' | 'argument'): Promise<SuiteFigures> {
  const probes: (Probe | undefined)[] = [];
  for (const one of cases) {
    try {
      probes.push(mode === 'root' ? await rootProbe(generator, one) : await argumentProbe(generator, one));
    } catch {
      probes.push(undefined);
    }
  }
  const verdicts = judge(probes.map((probe) => probe ?? { declarations: '', statements: [] }));
  const count = { valid: 0, accepted: 0, core: 0, rejected: 0, broken: 0, crashed: 0 };
  const failures: string[] = [];
  cases.forEach((one, index) => {
    const verdict = verdicts[index]!;
    const isUsable = probes[index] !== undefined && verdict.broken === undefined;
    if (probes[index] === undefined) count.crashed++;
    else if (verdict.broken !== undefined) {
      count.broken++;
      failures.unshift(`broken: ${one.keyword} ${JSON.stringify(one.schema)} ${verdict.broken}`);
    }
    one.instances.forEach((instance, at) => {
      const error = verdict.errors[at];
      const told = `${one.draft} ${one.keyword} ${JSON.stringify(one.schema)} ${JSON.stringify(instance.data)}`;
      if (instance.valid && !instance.offType) {
        count.valid++;
        if (isUsable && error === undefined) count.accepted++;
        else failures.unshift(`valid rejected: ${told} ${error ?? ''}`);
      } else if (instance.core) {
        count.core++;
        if (isUsable && error !== undefined) count.rejected++;
        else failures.push(`core invalid accepted: ${told}`);
      }
    });
  });
  const validAccepted = percent(count.accepted, count.valid);
  const coreRejected = percent(count.rejected, count.core);
  return { validAccepted, coreRejected, fidelity: validAccepted + coreRejected - 100, broken: count.broken, crashed: count.crashed, failures };
}

async function rootProbe(generator: Generator, { schema, instances }: SuiteCase): Promise<Probe> {
  const { declarations, typeName } = await generator.type!(schema);
  return { declarations: `${declarations}\ndeclare function probe(value: ${typeName}): void;`, statements: instances.map(({ data }) => `probe(${JSON.stringify(data)});`) };
}

async function argumentProbe(generator: Generator, { schema, instances }: SuiteCase): Promise<Probe> {
  const inputSchema = argumentSchema(schema);
  const { declarations, inputs } = await generator.server('server', [{ name: 'probe', inputSchema }]);
  return {
    declarations: `${declarations}\ndeclare function probe(value: ${inputs![0]!}): void;`,
    statements: instances.map(({ data }) => `probe({ "value": ${JSON.stringify(data)} });`),
  };
}

/** The schema as a property, with its pointers moved along. A schema with an `$id` is a resource of its own and keeps them. */
function argumentSchema(schema: JsonSchema): JsonSchema {
  const dialect = isJsonObject(schema) && typeof schema['$schema'] === 'string' ? { $schema: schema['$schema'] } : {};
  const value = isJsonObject(schema) && typeof schema['$id'] !== 'string' ? moved(schema) : schema;
  return { ...dialect, type: 'object', properties: { value }, required: ['value'] } as JsonSchema;
}

function moved(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(moved);
  if (!isJsonObject(value)) return value;
  const copy = Object.create(null) as Record<string, JsonValue>;
  for (const [key, inner] of Object.entries(value)) {
    if (key === '$ref' && typeof inner === 'string' && /^#(\/|$)/.test(inner)) copy[key] = `#/properties/value${inner.slice(1)}`;
    else copy[key] = key === 'enum' || key === 'const' ? inner : moved(inner);
  }
  return copy;
}

export interface CorpusServer {
  readonly id: string;
  readonly namespace: string;
  readonly tools: readonly BenchTool[];
}

export interface CorpusFigures {
  readonly validAccepted: number;
  readonly invalidRejected: number;
  readonly inventedCaught: number;
  /** Calls with a free name rejected although the tool declares that it takes any. */
  readonly mapsRejected: number;
  readonly serversBroken: number;
  readonly toolDescriptions: number;
  readonly propertyDescriptions: number;
  readonly tokens: number;
  readonly failures: readonly string[];
}

export async function measureCorpus(
  generator: Generator,
  servers: readonly CorpusServer[],
  callsOf: (tool: BenchTool) => Calls | undefined,
  perServer: number,
): Promise<CorpusFigures> {
  const count = { valid: 0, accepted: 0, invalid: 0, rejected: 0, invented: 0, caught: 0, maps: 0, broken: 0, tokens: 0, tools: 0, toolsKept: 0, members: 0, membersKept: 0 };
  const failures: string[] = [];
  for (const server of servers) {
    const { declarations } = await generator.server(server.namespace, server.tools);
    if (judge([{ declarations, statements: [] }])[0]!.broken !== undefined) count.broken++;
    count.tokens += countTokens(declarations);
    const kept = plain(declarations);
    for (const tool of server.tools) {
      if (typeof tool.description === 'string' && tool.description.trim() !== '') {
        count.tools++;
        if (kept.includes(plain(tool.description))) count.toolsKept++;
        else failures.push(`description lost: ${server.id} ${tool.name}`);
      }
      for (const description of descriptionsOf([tool.inputSchema, tool.outputSchema ?? true])) {
        count.members++;
        if (kept.includes(plain(description))) count.membersKept++;
        else failures.push(`description lost: ${server.id} ${tool.name}: ${description.slice(0, 80)}`);
      }
    }
    const tools = server.tools.slice(0, perServer);
    const probes: Probe[] = [];
    const plans: { tool: BenchTool; calls: Calls; values: readonly { readonly kind: string; readonly value: JsonValue }[] }[] = [];
    for (const tool of tools) {
      const calls = callsOf(tool);
      if (!calls) continue;
      const own = await generator.server(server.namespace, [tool]);
      if (!own.inputs) continue;
      const values = [...calls.valid.map((value) => ({ kind: 'valid', value })), ...calls.invalid, ...calls.invented.map((value) => ({ kind: 'invented', value }))];
      probes.push({ declarations: `${own.declarations}\ndeclare function probe(value: ${own.inputs[0]!}): void;`, statements: values.map(({ value }) => `probe(${JSON.stringify(value)});`) });
      plans.push({ tool, calls, values });
    }
    judge(probes).forEach((verdict, index) => {
      const { tool, calls, values } = plans[index]!;
      values.forEach(({ kind, value }, at) => {
        const isRejected = verdict.broken !== undefined || verdict.errors[at] !== undefined;
        const told = `${server.id} ${tool.name} ${JSON.stringify(value).slice(0, 300)} ${verdict.broken ?? verdict.errors[at] ?? ''}`;
        if (kind === 'valid') {
          count.valid++;
          if (!isRejected) count.accepted++;
          else failures.push(`valid rejected: ${told}`);
        } else if (kind === 'invented') {
          count.invented++;
          if (isRejected && verdict.broken === undefined) count.caught++;
          if (isRejected && calls.takesAnyName) {
            count.maps++;
            failures.push(`map rejected: ${told}`);
          }
        } else {
          count.invalid++;
          if (isRejected && verdict.broken === undefined) count.rejected++;
          else failures.push(`invalid accepted (${kind}): ${told}`);
        }
      });
    });
  }
  return {
    validAccepted: percent(count.accepted, count.valid),
    invalidRejected: percent(count.rejected, count.invalid),
    inventedCaught: percent(count.caught, count.invented),
    mapsRejected: count.maps,
    serversBroken: count.broken,
    toolDescriptions: percent(count.toolsKept, count.tools),
    propertyDescriptions: percent(count.membersKept, count.members),
    tokens: count.tokens,
    failures,
  };
}

/** Errors when the declarations of all servers stand in one program. */
export async function errorsTogether(generator: Generator, servers: readonly CorpusServer[]): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const server of servers) texts.push((await generator.server(server.namespace, server.tools)).declarations);
  return errorsOf(texts);
}

export function rawTokens(servers: readonly CorpusServer[]): number {
  return servers.reduce(
    (sum, { tools }) => sum + tools.reduce((tokens, { name, description, inputSchema }) => tokens + countTokens(JSON.stringify({ name, description, inputSchema })), 0),
    0,
  );
}

/** Median time in ms to declare one tool by itself, after a warm-up. Each tool is a fresh copy, so that nothing is remembered. */
export async function medianTime(generator: Generator, servers: readonly CorpusServer[]): Promise<number> {
  const tools = servers.flatMap((server) => server.tools.slice(0, 12));
  const once = async (): Promise<number[]> => {
    const times: number[] = [];
    for (const tool of tools) {
      const copy = structuredClone(tool);
      const start = performance.now();
      try {
        await generator.server('server', [copy]);
      } catch {
        // A crash is counted elsewhere.
      }
      times.push(performance.now() - start);
    }
    return times;
  };
  await once();
  const times = (await once()).sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? 0;
}

function descriptionsOf(schemas: readonly JsonValue[]): readonly string[] {
  const found: string[] = [];
  const walk = (value: JsonValue): void => {
    if (Array.isArray(value)) value.forEach(walk);
    if (!isJsonObject(value)) return;
    const properties = value['properties'];
    if (isJsonObject(properties)) {
      for (const property of Object.values(properties)) {
        const description = isJsonObject(property) ? property['description'] : undefined;
        if (typeof description === 'string' && description.trim() !== '') found.push(description);
      }
    }
    Object.values(value).forEach(walk);
  };
  schemas.forEach(walk);
  return found;
}

/** Text without line structure, comment margins and the ways to defuse an end of comment. */
function plain(text: string): string {
  return text.replaceAll('*\\/', '*/').replaceAll('* /', '*/').replace(/[\s*]+/g, ' ').trim();
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 100 : (100 * part) / whole;
}
