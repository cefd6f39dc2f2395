// Bundles everything that ships into dist/. `--watch` rebuilds on change, `--production` minifies and starts from an
// empty folder, `--only <text>` builds the bundles whose output path contains the text.
import { build, context } from 'esbuild';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { packedData } from './bundle/data.mjs';
import { optimizedEngine } from './bundle/engine.mjs';
import { usedIcons } from './bundle/icons.mjs';
import { copyLibrary, leanTypeScript } from './bundle/typescript.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : '';

/**
 * `import('…/<room>/main.js')` becomes a chunk of its own, `dist/<room>.js`, loaded at first use:
 * activation must not pay for the MCP client, nor for the server.
 */
const lateRooms = ['mcp', 'expose'];
const lateChunks = (extension) => ({
  name: 'late-chunks',
  setup(setup) {
    setup.onResolve({ filter: /\/main\.js$/ }, (args) => {
      const room = lateRooms.find((name) => args.path.endsWith(`/${name}/main.js`));
      if (args.kind !== 'dynamic-import' || room === undefined) return undefined;
      return { path: extension === '.js' ? `./${room}.js` : `./${room}${extension}`, external: true };
    });
  },
});

/**
 * The SDK validates with ajv unless told otherwise, which makes code of a stranger's schema and is 160 kB in each bundle. Its
 * other validator makes none. What a person is asked and what a tool returns is validated here, so neither ever runs.
 */
const validatorWithoutCode = {
  name: 'validator-without-code',
  setup(setup) {
    setup.onResolve({ filter: /^@modelcontextprotocol\/(?:client|server)\/_shims$/ }, ({ path: shims }) => ({ path: shims, namespace: 'shims' }));
    setup.onLoad({ filter: /./, namespace: 'shims' }, ({ path: shims }) => ({
      contents: `export const CORS_IS_POSSIBLE = false;\nexport { CfWorkerJsonSchemaValidator as DefaultJsonSchemaValidator } from '${path.posix.dirname(shims)}/validators/cf-worker';`,
      resolveDir: root,
    }));
  },
};

const node = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  sourcemap: production ? false : 'linked',
  minify: production,
  keepNames: true,
  // Its CommonJS build loads its parts in a way no bundler can follow.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  legalComments: 'none',
  logLevel: 'warning',
  absWorkingDir: root,
  tsconfig: path.join(root, 'tsconfig.json'),
};
/** CommonJS dependencies inside an ES module bundle still want `require`. */
const esm = {
  format: 'esm',
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
};

const bundles = [
  { ...node, format: 'cjs', entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js', external: ['vscode'], plugins: [lateChunks('.js'), ...(production ? [packedData(root)] : [])] },
  { ...node, format: 'cjs', entryPoints: ['src/mcp/main.ts'], outfile: 'dist/mcp.js', plugins: [validatorWithoutCode] },
  { ...node, format: 'cjs', entryPoints: ['src/mcp/expose/main.ts'], outfile: 'dist/expose.js', plugins: [validatorWithoutCode] },
  // The guest's library is the text of functions in this bundle: their names must stay what they are, and cost nothing.
  { ...node, keepNames: false, minify: false, minifyWhitespace: production, minifySyntax: production, format: 'cjs', entryPoints: ['src/sandbox/worker.ts'], outfile: 'dist/sandbox/worker.js' },
  // Names kept by hand cost a call for every closure TypeScript makes: half its speed.
  { ...node, keepNames: false, format: 'cjs', entryPoints: ['src/checker/worker.ts'], outfile: 'dist/checker/worker.js', plugins: [leanTypeScript] },
  { ...node, format: 'cjs', entryPoints: ['src/checker/result/worker.ts'], outfile: 'dist/checker/result.js' },
  { ...node, ...esm, entryPoints: ['test/harness/cli.ts'], outfile: 'dist/harness/cli.mjs', external: ['vscode'] },
  { ...node, ...esm, entryPoints: ['test/harness/sandbox.ts'], outfile: 'dist/harness/sandbox.mjs' },
  {
    ...node,
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    entryPoints: existsSync(path.join(root, 'media/webview')) ? readdirSync(path.join(root, 'media/webview')).filter((f) => /^[a-z]+\.(tsx|css)$/.test(f)).map((f) => `media/webview/${f}`) : [],
    outdir: 'dist/webview',
    plugins: [usedIcons(path.join(root, 'media/webview'), path.join(root, 'src'))],
  },
].filter((bundle) => bundle.entryPoints.length > 0 && bundle.entryPoints.every((entry) => existsSync(path.join(root, entry))) && (bundle.outfile ?? bundle.outdir).includes(only));

/** Files that are read at run time rather than bundled. */
function copyAssets() {
  optimizedEngine(root, path.join(root, 'dist/sandbox/quickjs.wasm'));
  copyLibrary(path.dirname(require.resolve('typescript')), path.join(root, 'dist/checker/lib'));
}

if (production) rmSync(path.join(root, 'dist'), { recursive: true, force: true });
copyAssets();
if (watch) {
  for (const bundle of bundles) await (await context(bundle)).watch();
  console.log('Watching for changes.');
} else {
  await Promise.all(bundles.map((bundle) => build(bundle)));
  // The sandbox's engine as it is right after it booted: workers start from it instead of booting their own.
  const worker = path.join(root, 'dist/sandbox/worker.js');
  if (bundles.some((bundle) => bundle.outfile === 'dist/sandbox/worker.js')) {
    await new Promise((resolve, reject) => {
      new Worker(worker, { workerData: { shared: new SharedArrayBuffer(24), writesImage: true } }).on('exit', resolve).on('error', reject);
    });
  }
}
