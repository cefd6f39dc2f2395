import type { BenchSandbox, Engine } from './engine.js';

/**
 * Other sandboxes behind the same interface, used as their own pages show. They are development dependencies of this
 * benchmark alone, but for the two on isolated-vm: it has no build for Node 20, and an install must not need a compiler.
 */
interface Peer {
  readonly name: string;
  readonly packages: readonly string[];
  create(modules: readonly unknown[]): Promise<BenchSandbox>;
}

type Options = Parameters<BenchSandbox['run']>[1];

interface Sebastian {
  readonly loadQuickJs: (variant: unknown) => Promise<{ readonly runSandboxed: (run: (sandbox: { readonly evalCode: (code: string) => Promise<SebastianResult> }) => Promise<SebastianResult>, options: object) => Promise<SebastianResult> }>;
}
interface SebastianResult {
  readonly ok: boolean;
  readonly data?: unknown;
  readonly error?: { readonly message: string };
}

const sebastian: Peer = {
  name: '@sebastianwessel/quickjs',
  packages: ['@sebastianwessel/quickjs', '@jitl/quickjs-wasmfile-release-sync'],
  async create([library, variant]) {
    const { runSandboxed } = await (library as Sebastian).loadQuickJs((variant as { default: unknown }).default);
    return {
      async run(source, options) {
        // Members of `env` are how this library gives functions to a script.
        const names = Object.entries(options.namespaces).map(([namespace, tools]) => `const ${namespace} = { ${tools.map((tool) => `${tool}: (args) => env.call(${JSON.stringify(namespace)}, ${JSON.stringify(tool)}, args)`).join(', ')} };`);
        const code = `${names.join('\n')}\nexport default await (async () => {\n${source}\n})();`;
        const env = { call: (namespace: string, tool: string, args: unknown) => options.call(namespace, tool, args) };
        const result = await runSandboxed(({ evalCode }) => evalCode(code), { env, executionTimeout: options.timeoutMs, memoryLimit: options.memoryMb * 1024 * 1024 });
        return result.ok ? { ok: true, value: result.data } : { ok: false, error: { message: result.error?.message ?? 'failed' } };
      },
      dispose: async () => undefined,
    };
  },
};

interface TanStackDriver {
  createContext(config: { bindings: Record<string, object>; timeout: number; memoryLimit: number }): Promise<{ execute(code: string): Promise<{ success: boolean; value?: unknown; error?: { message: string } }>; dispose(): Promise<void> }>;
}

const tanStack = (name: string, factory: string): Peer => ({
  name,
  packages: [name],
  async create([module]) {
    const driver = (module as Record<string, () => TanStackDriver>)[factory]!();
    const bindings = (options: Options): Record<string, object> =>
      Object.fromEntries(
        Object.entries(options.namespaces).flatMap(([namespace, tools]) =>
          tools.map((tool) => [`${namespace}_${tool}`, { name: `${namespace}_${tool}`, description: '', inputSchema: { type: 'object' }, execute: (args: unknown) => options.call(namespace, tool, args) }]),
        ),
      );
    return {
      async run(source, options) {
        const context = await driver.createContext({ bindings: bindings(options), timeout: options.timeoutMs, memoryLimit: options.memoryMb });
        try {
          const names = Object.entries(options.namespaces).map(([namespace, tools]) => `const ${namespace} = { ${tools.map((tool) => `${tool}: ${namespace}_${tool}`).join(', ')} };`);
          const result = await context.execute(`${names.join('\n')}\n${source}`);
          return result.success ? { ok: true, value: result.value } : { ok: false, error: { message: result.error?.message ?? 'failed' } };
        } finally {
          await context.dispose();
        }
      },
      dispose: async () => undefined,
    };
  },
});

interface UtcpClient {
  callToolChain(code: string, timeout?: number): Promise<{ readonly result: unknown; readonly logs: readonly string[] }>;
}

const utcp: Peer = {
  name: '@utcp/code-mode',
  packages: ['@utcp/code-mode'],
  async create([module]) {
    const client = await (module as { CodeModeUtcpClient: { create(): Promise<UtcpClient> } }).CodeModeUtcpClient.create();
    return {
      async run(source, options) {
        // Its scripts call tools by name; the tools of a run are put where its client looks for them.
        Object.assign(client, {
          getTools: async () => Object.entries(options.namespaces).flatMap(([namespace, tools]) => tools.map((tool) => ({ name: `${namespace}.${tool}`, description: '', inputs: { type: 'object' }, outputs: {}, tags: [] }))),
          callTool: (name: string, args: unknown) => options.call(name.slice(0, name.indexOf('.')), name.slice(name.indexOf('.') + 1), args),
        });
        try {
          return { ok: true, value: (await client.callToolChain(source, options.timeoutMs)).result };
        } catch (error) {
          return { ok: false, error: { message: error instanceof Error ? error.message : String(error) } };
        }
      },
      dispose: async () => undefined,
    };
  },
};

const peers: readonly Peer[] = [sebastian, utcp, tanStack('@tanstack/ai-isolate-quickjs', 'createQuickJSIsolateDriver'), tanStack('@tanstack/ai-isolate-node', 'createNodeIsolateDriver')];

/** The peers that are installed here. */
export async function installedPeers(log: (text: string) => void): Promise<readonly Engine[]> {
  const found: Engine[] = [];
  for (const peer of peers) {
    try {
      const modules: unknown[] = [];
      for (const name of peer.packages) modules.push(await import(name));
      found.push({ name: peer.name, create: () => peer.create(modules) });
    } catch (error) {
      const { code } = error as { code?: string };
      log(`${peer.name} is left out: ${code === 'ERR_MODULE_NOT_FOUND' ? 'it is built on isolated-vm, which has no build for Node 20 and cannot be installed without a compiler; add it by hand to measure it' : error instanceof Error ? error.message.split('\n')[0] : String(error)}.`);
    }
  }
  return found;
}
