import type { CatalogServer, CatalogSnapshot, CatalogTool } from '../catalog/catalog.js';
import { definitionAsJson, definitionOf, promptDefinition } from '../catalog/definition.js';
import type { CallContext, CallPreview, PromptOffer, ResourceOffer, ToolResult, ToolSource } from '../catalog/source.js';
import type { Discovery } from '../discovery/discovery.js';
import { isJsonObject, type JsonObject, type JsonSchema, type JsonValue } from '../json.js';
import type { CodemodeName } from './codemode.js';
import type { Handles } from './handles.js';
import { likelyPreview, likelyWrite } from './likelyPreview.js';
import { marksOf, type FlowMarks } from './policy/flow.js';
import { policyCallOf, type PolicyCall } from './policy/policy.js';
import { scriptError } from './scriptError.js';

/** One call as a script made it, before anything was decided. */
export interface Invocation {
  /** As scripts write it. */
  readonly label: string;
  readonly namespace: string;
  readonly member: string;
  readonly args: JsonObject;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  /** Everything policy asks about, but the run's own part. */
  readonly policy: Omit<PolicyCall, 'args' | 'run' | 'origin' | 'flow'>;
  /** Set for tools: what the run was checked against. */
  readonly tool?: CatalogTool;
  readonly server?: CatalogServer;
  /** Who says yes was shown what it is: what it was before counts no more. */
  readonly approveDefinition?: () => void;
  perform(args: JsonObject, context: CallContext): Promise<ToolResult>;
  /** What the call would make of files; left out where its source cannot tell. */
  readonly preview?: (args: JsonObject, context: Pick<CallContext, 'workspace' | 'signal'>) => Promise<CallPreview | undefined>;
}

export interface InvocationContext {
  readonly snapshot: CatalogSnapshot;
  readonly discovery: Discovery;
  readonly handles: Handles;
  readonly marks: () => FlowMarks;
  /** `namespace.member` of everything the check found. */
  readonly reach: ReadonlySet<string>;
}

/** @throws an error for the script where there is no such tool or the arguments are not an object. */
export function invocationOf(context: InvocationContext, namespace: string, member: string, args: unknown): Invocation {
  if (namespace === 'codemode') return helperInvocation(context, member, Array.isArray(args) ? (args as readonly unknown[]) : [args]);
  const tool = context.snapshot.find(namespace, member);
  const server = context.snapshot.servers.find((entry) => entry.namespace === namespace);
  const label = `${namespace}.${member}`;
  if (tool === undefined || server === undefined) throw scriptError('ReferenceError', `There is no tool ${label}. Find tools with codemode.search("…").`);
  return {
    label,
    namespace,
    member,
    args: argumentsOf(namespace, member, args),
    inputSchema: tool.inputSchema,
    ...(tool.outputSchema !== undefined && { outputSchema: tool.outputSchema }),
    policy: policyCallOf(tool, server, { args: {}, inReach: context.reach.has(label), marks: marksOf(tool.ref, context.marks()) }),
    tool,
    server,
    approveDefinition: () => server.source.pins?.approve(definitionOf(tool)),
    perform: (given, call) => server.source.call(tool.ref.name, given, call),
    ...previewBy(tool, server, args),
  };
}

function previewBy(tool: CatalogTool, { source }: CatalogServer, args: unknown): Pick<Invocation, 'preview'> {
  if (tool.effect === 'read') return {};
  if (source.preview !== undefined) return { preview: async (given, look) => source.preview?.(tool.ref.name, given, look) };
  return isJsonObject(args) && likelyWrite(args) !== undefined ? { preview: likelyPreview } : {};
}

/** What a call's arguments are recorded as. @throws an error for the script where they are not an object. */
export function argumentsOf(namespace: string, member: string, args: unknown): JsonObject {
  if (namespace === 'codemode') return named(parametersOf(member), Array.isArray(args) ? (args as readonly unknown[]) : [args]);
  if (args !== undefined && !isJsonObject(args)) throw scriptError('ArgumentError', `${namespace}.${member} takes one object argument, { … }; it was given ${kindOf(args)}.`);
  return args ?? {};
}

function parametersOf(member: string): readonly string[] {
  if (isReaching(member)) return reaching[member].parameters;
  return Object.hasOwn(helpers, member) ? helpers[member as keyof typeof helpers].parameters : [];
}

interface Helper {
  /** Names of the positional arguments, in order. */
  readonly parameters: readonly string[];
  readonly inputSchema: JsonSchema;
  answer(args: JsonObject, context: InvocationContext): JsonValue | undefined | Promise<JsonValue | undefined>;
}

const text: JsonSchema = { type: 'string' };
const server = { type: 'string', description: 'Name of the server in scripts.' };
const inputs = (properties: JsonObject, required: readonly string[]): JsonSchema => ({ type: 'object', properties, required, additionalProperties: false });

/** The functions that only look things up. Those that reach a server are calls of that server. */
const helpers: Readonly<Record<Exclude<CodemodeName, Reaching>, Helper>> = {
  search: {
    parameters: ['query', 'options'],
    inputSchema: inputs(
      { query: text, options: inputs({ server, limit: { type: 'integer', minimum: 1, maximum: 100 }, offset: { type: 'integer', minimum: 0 } }, []) },
      ['query'],
    ),
    answer: (args, { discovery }) => asJson(discovery.search(args['query'] as string, args['options'] as object | undefined)),
  },
  describe: {
    parameters: ['names', 'options'],
    inputSchema: inputs({ names: { anyOf: [text, { type: 'array', items: text }] }, options: inputs({ full: { type: 'boolean' } }, []) }, ['names']),
    answer: (args, { discovery }) => discovery.describe(args['names'] as string | readonly string[], args['options'] as { readonly full?: boolean } | undefined),
  },
  servers: { parameters: [], inputSchema: inputs({}, []), answer: (_args, { discovery }) => asJson(discovery.servers()) },
  read: {
    parameters: ['handle', 'range'],
    inputSchema: inputs({ handle: { type: ['object', 'string'] }, range: { type: 'object' } }, ['handle']),
    answer: (args, { handles }) => handles.read(args['handle'], args['range']),
  },
  'resources.list': { parameters: ['server'], inputSchema: inputs({ server }, ['server']), answer: (args, context) => asJson(serverNamed(context, args['server']).source.resources?.resources ?? []) },
  'resources.templates': { parameters: ['server'], inputSchema: inputs({ server }, ['server']), answer: (args, context) => asJson(serverNamed(context, args['server']).source.resources?.templates ?? []) },
  'prompts.list': { parameters: ['server'], inputSchema: inputs({ server }, ['server']), answer: (args, context) => asJson(serverNamed(context, args['server']).source.prompts?.prompts ?? []) },
};

function helperInvocation(context: InvocationContext, member: string, given: readonly unknown[]): Invocation {
  if (isReaching(member)) return reachingInvocation(context, member, given);
  const helper = Object.hasOwn(helpers, member) ? helpers[member as keyof typeof helpers] : undefined;
  if (helper === undefined) throw scriptError('ReferenceError', `There is no codemode.${member}.`);
  return {
    label: `codemode.${member}`,
    namespace: 'codemode',
    member,
    args: named(helper.parameters, given),
    inputSchema: helper.inputSchema,
    policy: {
      ref: { source: 'codemode', kind: 'tool', name: member },
      label: `codemode.${member}`,
      effect: 'read',
      sourceKind: 'builtin',
      trusted: true,
      marks: { outside: false, private: false },
      definitionHash: '',
      toolHash: '',
      helper: true,
      inReach: true,
    },
    perform: async (args) => {
      try {
        return { ok: true, value: await helper.answer(args, context) };
      } catch (error) {
        return { ok: false, message: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

type Reaching = 'resources.read' | 'resources.complete' | 'prompts.get' | 'prompts.complete';

/** A function that reaches a server: a call of it, under policy like any other. */
interface ReachingFunction {
  readonly kind: 'resource' | 'prompt';
  readonly parameters: readonly string[];
  /** The parameter that names what is reached. */
  readonly names: string;
  readonly inputSchema: JsonSchema;
  /** What a server that does not offer this lacks. */
  readonly missing: string;
  readonly performer: (source: ToolSource) => Invocation['perform'] | undefined;
}

const texts: JsonSchema = { type: 'object', additionalProperties: text };

function completing(kind: ReachingFunction['kind'], names: string, argument: string, missing: string, offer: (source: ToolSource) => ResourceOffer | PromptOffer | undefined): ReachingFunction {
  return {
    kind,
    parameters: ['server', names, argument, 'typed', 'given'],
    names,
    inputSchema: inputs({ server, [names]: text, [argument]: text, typed: text, given: texts }, ['server', names, argument, 'typed']),
    missing,
    performer: (source) => {
      const complete = offer(source)?.complete;
      return complete && ((args, call) => complete(args[names] as string, args[argument] as string, args['typed'] as string, (args['given'] as Readonly<Record<string, string>> | undefined) ?? {}, call));
    },
  };
}

const reaching: Readonly<Record<Reaching, ReachingFunction>> = {
  'resources.read': {
    kind: 'resource',
    parameters: ['server', 'uri'],
    names: 'uri',
    inputSchema: inputs({ server, uri: text }, ['server', 'uri']),
    missing: 'offers no resources',
    performer: ({ resources }) => resources && ((args, call) => resources.read(args['uri'] as string, call)),
  },
  'resources.complete': completing('resource', 'uriTemplate', 'variable', 'proposes no values for its templates', ({ resources }) => resources),
  'prompts.get': {
    kind: 'prompt',
    parameters: ['server', 'name', 'args'],
    names: 'name',
    inputSchema: inputs({ server, name: text, args: texts }, ['server', 'name']),
    missing: 'offers no prompts',
    performer: ({ prompts }) => prompts && ((args, call) => prompts.get(args['name'] as string, (args['args'] as Readonly<Record<string, string>> | undefined) ?? {}, call)),
  },
  'prompts.complete': completing('prompt', 'name', 'argument', 'proposes no values for its prompts', ({ prompts }) => prompts),
};

function isReaching(member: string): member is Reaching {
  return Object.hasOwn(reaching, member);
}

function reachingInvocation(context: InvocationContext, member: Reaching, given: readonly unknown[]): Invocation {
  const { kind, parameters, names, inputSchema, missing, performer } = reaching[member];
  const args = named(parameters, given);
  const found = serverNamed(context, args['server']);
  const { source } = found;
  const perform = performer(source);
  if (perform === undefined) throw scriptError('ReferenceError', `${found.namespace} ${missing}.`);
  const name = args[names];
  const prompt = kind === 'prompt' ? source.prompts?.prompts.find((each) => each.name === name) : undefined;
  const definition = prompt && promptDefinition(prompt);
  return {
    label: `codemode.${member}`,
    namespace: 'codemode',
    member,
    args,
    inputSchema,
    server: found,
    policy: {
      ref: { source: source.id, kind, name: typeof name === 'string' ? name : '' },
      label: `codemode.${member} of ${found.namespace}`,
      effect: 'read',
      sourceKind: source.kind,
      trusted: source.trusted,
      marks: marksOf({ source: source.id, kind, name: '' }, context.marks()),
      definitionHash: source.definitionHash,
      toolHash: '',
      helper: false,
      inReach: true,
      ...(definition !== undefined && {
        changedFrom: () => {
          const approved = source.pins?.approved(definition.name);
          return approved && { ...definitionAsJson(approved), name: prompt!.name };
        },
      }),
    },
    ...(definition !== undefined && { approveDefinition: () => source.pins?.approve(definition) }),
    perform,
  };
}

function serverNamed(context: InvocationContext, name: unknown): CatalogServer {
  const found = context.snapshot.servers.find((entry) => entry.namespace === name);
  if (found !== undefined) return found;
  const known = context.snapshot.servers.map((entry) => entry.namespace).join(', ');
  throw scriptError('ReferenceError', `There is no server ${JSON.stringify(name)}. There are: ${known}.`);
}

function named(parameters: readonly string[], given: readonly unknown[]): JsonObject {
  const args: Record<string, JsonValue> = {};
  parameters.forEach((parameter, index) => {
    const value = given[index];
    // What JSON turns an `undefined` among the arguments into.
    if (value !== undefined && value !== null) args[parameter] = value as JsonValue;
  });
  return args;
}

/** Plain JSON of our own data: members that are undefined are dropped. */
function asJson(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  const type = typeof value;
  return type === 'undefined' ? 'nothing' : `a ${type}`;
}
