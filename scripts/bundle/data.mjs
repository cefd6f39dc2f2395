// Data of some size stands beside the bundle, packed: it is read at first use, and costs the start nothing until then.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const require = createRequire(import.meta.url);

/**
 * Modules whose default export is only data: the ranks of tokens, the vectors of words. Whoever `require`s one gets what
 * the module holds; Brotli makes them a fifth smaller than the archive would.
 */
export function packedData(root) {
  const folder = path.join(root, 'dist/data');
  return {
    name: 'packed-data',
    setup(setup) {
      setup.onLoad({ filter: /[\\/](?:bpeRanks[\\/]\w+\.js|discovery[\\/]vectors\.json)$/ }, ({ path: file }) => {
        const data = file.endsWith('.json') ? JSON.parse(readFileSync(file, 'utf8')) : require(file).default;
        const name = `${path.parse(file).name}.json.br`;
        mkdirSync(folder, { recursive: true });
        writeFileSync(path.join(folder, name), brotliCompressSync(JSON.stringify(data), { params: { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_LGWIN]: 22 } }));
        const contents = `
          const read = () => JSON.parse(require('node:zlib').brotliDecompressSync(require('node:fs').readFileSync(require('node:path').join(__dirname, 'data', ${JSON.stringify(name)}))).toString());
          ${file.endsWith('.json') ? 'module.exports = read();' : 'exports.default = read();'}`;
        return { contents, loader: 'js' };
      });
    },
  };
}
