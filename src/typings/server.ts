import type { Effect, ToolAnnotations } from '../catalog/source.js';
import type { JsonSchema } from '../json.js';
import { isJsonObject } from '../json.js';
import { compose } from './composer.js';
import { comment, longestText, shortened } from './docs.js';
import { SchemaDocument } from './document.js';
import { Printer } from './printer.js';
import { Reader } from './reader.js';
import { isOnlyObjects } from './shape.js';
import { atOnce } from './steps.js';
import { TypeTable } from './typeTable.js';

export interface ToolToDeclare {
  /** The tool's own name. */
  readonly name: string;
  /** Its member on the server's global. */
  readonly member: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  /** The shape of results seen, where there is no output schema. */
  readonly inferredOutput?: { readonly schema: JsonSchema; readonly results: number };
  readonly annotations?: ToolAnnotations;
  readonly effect?: Effect;
}

export interface ServerToDeclare {
  /** Name of the global. */
  readonly namespace: string;
  readonly title?: string;
  readonly instructions?: string;
  /** What stands for a result nobody described; `Unchecked`, which the checker declares, if left out. */
  readonly unchecked?: string;
  readonly tools: readonly ToolToDeclare[];
  readonly prompts?: readonly PromptToDeclare[];
}

export interface PromptToDeclare {
  readonly name: string;
  readonly description?: string;
  readonly arguments: readonly { readonly name: string; readonly description?: string; readonly required?: boolean }[];
}

export interface ServerDeclarations {
  /** Text of a declaration file. */
  readonly text: string;
  /** Type expressions, valid after `text`: what each tool takes, in the order of the tools. */
  readonly inputs: readonly string[];
  /** … and what each returns. */
  readonly outputs: readonly string[];
}

/** Everything a script may call on one server, as one global. Identical servers give identical text. */
export function declareServer(server: ServerToDeclare): ServerDeclarations {
  return atOnce(declaring(server));
}

/** The same in steps of at most a few milliseconds, for callers that must not hold up the event loop. */
export function* declaring(server: ServerToDeclare): Generator<void, ServerDeclarations> {
  const model = yield* reading(server);
  const inputs: string[] = [];
  const outputs: string[] = [];
  for (const { tool, input } of model.tools) {
    const method = `typeof ${server.namespace}.${tool.member}`;
    inputs.push(input.isOptional ? `Exclude<Parameters<${method}>[0], undefined>` : `Parameters<${method}>[0]`);
    outputs.push(`Awaited<ReturnType<${method}>>`);
  }
  return { text: `${about(server)}${yield* composing(model)}${declarePrompts(server)}`, inputs, outputs };
}

/** What a server says of itself, as the comment of its global: shown on hover, and cut to what a reader needs first. */
function about({ instructions }: ServerToDeclare): string {
  const text = instructions?.trim() ?? '';
  if (text === '') return '';
  const short = text.length > longestAbout ? `${text.slice(0, longestAbout).replace(/\s+\S*$/, '')} …` : text;
  return `${comment({ texts: [short], tags: [] })}\n`;
}

const longestAbout = 400;

/** The arguments of a server's prompts, for `codemode.prompts.get`: every server adds to the one interface. */
function declarePrompts({ namespace, prompts = [] }: ServerToDeclare): string {
  if (prompts.length === 0) return '';
  const lines = ['interface CodemodePromptArguments {', `${JSON.stringify(namespace)}: {`];
  for (const prompt of prompts) {
    const doc = comment({ texts: prompt.description === undefined ? [] : [prompt.description], tags: [] });
    if (doc !== '') lines.push(doc);
    lines.push(`${JSON.stringify(prompt.name)}: {`);
    for (const { name, description, required } of prompt.arguments) {
      const argumentDoc = comment({ texts: description === undefined ? [] : [description], tags: [] });
      if (argumentDoc !== '') lines.push(argumentDoc);
      lines.push(`${JSON.stringify(name)}${required === true ? '' : '?'}: string;`);
    }
    lines.push('};');
  }
  return [...lines, '};', '}', ''].join('\n');
}

/** How many characters of its texts a tool, and a member of a type, is shown with. */
export interface TextLimits {
  readonly tool: number;
  readonly member: number;
}

/** Declarations of some tools of a server, with the types they need and nothing else; types are always whole. */
export function declareTools(server: ServerToDeclare, members: readonly string[], limits?: TextLimits): string {
  const wanted = new Set(members);
  const model = atOnce(reading({ ...server, tools: server.tools.filter(({ member }) => wanted.has(member)) }, limits));
  return atOnce(composing(model));
}

/** One line, without docs: `github.create_issue(args: { title: string; body?: string }): Promise<Issue>`. */
export function signature(server: ServerToDeclare, member: string): string {
  const tool = server.tools.find((one) => one.member === member);
  if (!tool) return '';
  const table = new TypeTable();
  const { input, output } = readTool(tool, table, { unchecked: server.unchecked ?? 'Unchecked', docs: false });
  const { texts } = atOnce(compose(table, [input.text, output.text], { prefix: `${server.namespace}.` }));
  const [takes, gives] = texts.map((text) => text.replace(/\s*\n\s*/g, ' ').replaceAll('; }', ' }'));
  return `${server.namespace}.${member}(args${input.isOptional ? '?' : ''}: ${takes!}): Promise<${gives!}>`;
}

interface ToolModel {
  readonly tool: ToolToDeclare;
  readonly doc: string;
  /** Texts with marks of the server's table. */
  readonly input: { readonly text: string; readonly isOptional: boolean };
  readonly output: { readonly text: string };
}

interface ServerModel {
  readonly server: ServerToDeclare;
  readonly table: TypeTable;
  readonly tools: readonly ToolModel[];
}

interface TextOptions {
  readonly unchecked: string;
  readonly docs: boolean;
  readonly textLimit?: number;
  readonly toolLimit?: number;
}

function* reading(server: ServerToDeclare, limits?: TextLimits): Generator<void, ServerModel> {
  const table = new TypeTable();
  const options = { unchecked: server.unchecked ?? 'Unchecked', docs: true, textLimit: limits?.member, toolLimit: limits?.tool };
  const tools: ToolModel[] = [];
  for (const tool of server.tools) {
    tools.push(readTool(tool, table, options));
    yield;
  }
  return { server, table, tools };
}

function readTool(tool: ToolToDeclare, table: TypeTable, options: TextOptions): ToolModel {
  const doc = docOf(tool, options.toolLimit);
  try {
    const input = readInput(tool.inputSchema, `${tool.member}Input`, table, options);
    const output = readOutput(tool, `${tool.member}Output`, table, options);
    return { tool, input, output, doc };
  } catch {
    // Whatever a schema is made of, it costs its own tool its types and no other tool anything.
    return { tool, input: { text: 'Record<string, unknown>', isOptional: true }, output: { text: options.unchecked }, doc };
  }
}

/** Arguments are an object (MCP 2025-11-25, Tools), whatever else the schema would allow. */
function readInput(schema: JsonSchema, hint: string, table: TypeTable, options: TextOptions): ToolModel['input'] {
  const reader = new Reader(new SchemaDocument(schema));
  const printer = new Printer(reader, table, { ...options, purpose: 'input' });
  const shape = reader.read(schema);
  if (shape.objects.length === 0) return { text: printer.type([schema], hint), isOptional: false };
  const text = isOnlyObjects(shape) ? printer.type([schema], hint) : printer.arguments(shape, hint, schema);
  return { text, isOptional: printer.isOptional(shape) };
}

function readOutput(tool: ToolToDeclare, hint: string, table: TypeTable, options: TextOptions): ToolModel['output'] {
  const schema = tool.outputSchema ?? tool.inferredOutput?.schema;
  if (schema === undefined) return { text: options.unchecked };
  const purpose = tool.outputSchema === undefined ? 'inferred' : 'output';
  const printer = new Printer(new Reader(new SchemaDocument(schema)), table, { ...options, purpose });
  const text = printer.type([schema], hint);
  // Nothing fits such a schema, but something will come.
  return { text: text === 'never' || (purpose === 'inferred' && text === 'unknown') ? options.unchecked : text };
}

/** `new(…)` in an object type would construct it. */
function methodName(member: string): string {
  return member === 'new' ? '"new"' : member;
}

function docOf(tool: ToolToDeclare, limit = longestText): string {
  const given = [tool.description, tool.description === undefined || tool.description.trim() === '' ? tool.title : undefined];
  const inputDoc = isJsonObject(tool.inputSchema) ? tool.inputSchema['description'] : undefined;
  if (typeof inputDoc === 'string' && inputDoc !== tool.description) given.push(inputDoc);
  const tags: string[] = [];
  if (tool.outputSchema === undefined && tool.inferredOutput) {
    tags.push(`@inferred from ${tool.inferredOutput.results} ${tool.inferredOutput.results === 1 ? 'result' : 'results'}`);
  }
  return comment({ texts: given.filter((text) => text !== undefined).map((text) => shortened(text.trim(), limit)), tags });
}

function* composing({ server: { namespace }, table, tools }: ServerModel): Generator<void, string> {
  const { texts, types } = yield* compose(table, tools.flatMap(({ input, output }) => [input.text, output.text]), { taken: ['Tools'] });
  const lines: string[] = [];
  // With types of its own the server is a namespace, so that tools and types name them without it.
  if (types.length > 0) lines.push(`declare namespace ${namespace} {`);
  else lines.push(`declare const ${namespace}: {`);
  for (const type of types) lines.push(...(type.comment === '' ? [] : [type.comment]), `type ${type.name} = ${type.text};`);
  if (types.length > 0) lines.push('interface Tools {');
  tools.forEach(({ tool, doc, input }, index) => {
    if (doc !== '') lines.push(doc);
    lines.push(`${methodName(tool.member)}(args${input.isOptional ? '?' : ''}: ${texts[index * 2]!}): Promise<${texts[index * 2 + 1]!}>;`);
  });
  if (types.length > 0) lines.push('}', '}', `declare const ${namespace}: ${namespace}.Tools;`, '');
  else lines.push('};', '');
  return lines.join('\n');
}
