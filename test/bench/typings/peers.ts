import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { nameMembers } from '../../../src/catalog/names.js';
import type { JsonObject, JsonSchema } from '../../../src/json.js';
import { declareServer } from '../../../src/typings/server.js';
import { declareType } from '../../../src/typings/type.js';

export interface BenchTool {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
}

/** A generator of declarations, as its users call it. */
export interface Generator {
  readonly label: string;
  /** One schema as a type; absent where a generator has no such thing. */
  readonly type?: (schema: JsonSchema) => Promise<{ readonly declarations: string; readonly typeName: string }>;
  /** All tools of one server; `inputs` are type expressions, absent where calls do not take one object. */
  server(namespace: string, tools: readonly BenchTool[]): Promise<{ readonly declarations: string; readonly inputs?: readonly string[] }>;
}

export const ours: Generator = {
  label: 'code-mode',
  type: async (schema) => declareType('Probe', schema),
  async server(namespace, tools) {
    const members = nameMembers(tools.map(({ name }) => name));
    const { text, inputs } = declareServer({ namespace, unchecked: 'any', tools: tools.map((tool, index) => ({ ...tool, member: members[index]! })) });
    return { declarations: text, inputs };
  },
};

const require = createRequire(import.meta.url);

/** A file of a package that its exports do not offer, or that only loads elsewhere (Cloudflare's index needs a Worker). */
async function inside(name: string, file: string | RegExp): Promise<Record<string, unknown>> {
  const root = require.resolve.paths(name)!.map((folder) => path.join(folder, name)).find((folder) => {
    try {
      return readdirSync(folder).length > 0;
    } catch {
      return false;
    }
  });
  if (root === undefined) throw new Error(`${name} is not installed.`);
  const relative = typeof file === 'string' ? file : path.join('dist', readdirSync(path.join(root, 'dist')).find((one) => file.test(one)) ?? '');
  return (await import(pathToFileURL(path.join(root, relative)).href)) as Record<string, unknown>;
}

type Text = (...values: readonly unknown[]) => string;

async function cloudflare(): Promise<Generator> {
  const chunk = await inside('@cloudflare/codemode', /^json-schema-types-.*\.js$/);
  const functions = Object.values(chunk).filter((one): one is Text => typeof one === 'function');
  const named = (name: string): Text => functions.find((one) => one.name === name)!;
  const [jsonSchemaToType, generate, pascal, sanitize] = ['jsonSchemaToType', 'generateTypesFromJsonSchema', 'toPascalCase', 'sanitizeToolName'].map(named);
  return {
    label: '@cloudflare/codemode',
    type: async (schema) => ({ declarations: jsonSchemaToType!(schema, 'Probe'), typeName: 'Probe' }),
    server: async (_namespace, tools) => ({
      declarations: generate!(Object.fromEntries(tools.map((tool) => [tool.name, tool]))),
      inputs: tools.map(({ name }) => `${pascal!(sanitize!(name))}Input`),
    }),
  };
}

async function aiSdk(): Promise<Generator> {
  const { buildCodeModeToolDescription } = await inside('@ai-sdk/code-mode', 'dist/tool-prompt.js');
  const { jsonSchema } = (await import(pathToFileURL(require.resolve('ai')).href)) as { jsonSchema: (schema: unknown) => unknown };
  const build = (tools: readonly BenchTool[]): string => {
    const text = (buildCodeModeToolDescription as Text)(
      Object.fromEntries(tools.map((tool) => [tool.name, { ...tool, inputSchema: jsonSchema(tool.inputSchema), ...(tool.outputSchema === undefined ? {} : { outputSchema: jsonSchema(tool.outputSchema) }) }])),
    );
    // The declarations are the first code block of a prompt.
    return /```ts\n([\s\S]*?)\n```/.exec(text)?.[1] ?? '';
  };
  const input = (name: string): string => `Parameters<typeof tools[${JSON.stringify(name)}]>[0]`;
  return {
    label: '@ai-sdk/code-mode',
    type: async (schema) => ({ declarations: build([{ name: 'probe', inputSchema: schema }]), typeName: input('probe') }),
    server: async (_namespace, tools) => ({ declarations: build(tools), inputs: tools.map(({ name }) => input(name)) }),
  };
}

async function jsonSchemaToTypescript(): Promise<Generator> {
  const { compile } = (await import('json-schema-to-typescript')) as { compile: (schema: unknown, name: string, options: unknown) => Promise<string> };
  const options = { bannerComment: '', additionalProperties: false, unknownAny: true, declareExternallyReferenced: true };
  const one = (schema: JsonSchema, name: string): Promise<string> => compile(structuredClone(typeof schema === 'object' ? { ...schema, title: name } : schema), name, options);
  return {
    label: 'json-schema-to-typescript',
    type: async (schema) => ({ declarations: await one(schema, 'Probe'), typeName: 'Probe' }),
    async server(_namespace, tools) {
      const texts: string[] = [];
      for (const [index, tool] of tools.entries()) {
        const doc = tool.description === undefined ? '' : `/** ${tool.description.replaceAll('*/', '*\\/')} */\n`;
        texts.push(`export namespace T${index} {\n${await one(tool.inputSchema, 'Input')}\n${tool.outputSchema === undefined ? '' : await one(tool.outputSchema, 'Output')}}\n${doc}export declare function t${index}(input: T${index}.Input): Promise<${tool.outputSchema === undefined ? 'unknown' : `T${index}.Output`}>;`);
      }
      return { declarations: texts.join('\n'), inputs: tools.map((_, index) => `T${index}.Input`) };
    },
  };
}

async function mcporter(): Promise<Generator> {
  const { renderTypesModule } = await inside('mcporter', 'dist/cli/emit-ts-templates.js');
  const { buildToolMetadata } = await inside('mcporter', 'dist/cli/generate/tools.js');
  const { __test } = (await inside('mcporter', 'dist/cli/emit-ts-command.js')) as { __test?: { buildDocEntries: (...values: unknown[]) => unknown } };
  if (!__test) throw new Error('mcporter no longer shows how it documents a tool.');
  return {
    label: 'mcporter',
    server: async (namespace, tools) => ({
      declarations: (renderTypesModule as Text)({
        interfaceName: 'Tools',
        docs: __test.buildDocEntries(namespace, tools.map((tool) => (buildToolMetadata as (tool: unknown) => unknown)(tool as unknown as JsonObject)), true),
        metadata: { generatedAt: new Date(0), generatorLabel: 'mcporter', server: { name: namespace, command: { kind: 'stdio', command: 'server', args: [] } } },
      }),
    }),
  };
}

/** Every peer that loads here, and why the others do not. */
export async function loadPeers(log: (text: string) => void): Promise<readonly Generator[]> {
  const peers: Generator[] = [];
  for (const load of [cloudflare, aiSdk, jsonSchemaToTypescript, mcporter]) {
    try {
      peers.push(await load());
    } catch (error) {
      log(`${load.name} is left out: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return peers;
}
