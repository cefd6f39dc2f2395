// TypeScript as the checker needs it. The package is one file that holds the compiler, the services of editors, a server
// and the emitter, wrapped so that no bundler can see what of it is used; the checker parses and checks, nothing else.
import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';

/** Parts of the package that nothing here can reach, and that do things as they load. */
const leftOut = /^\/\/ src\/(?:server|typescript|jsTyping|services\/(?:codefixes|refactors))\//;
/** Nobody reads doc comments through the compiler's symbols or writes programs here, and without these much else goes. */
const unused = ['emitFiles', 'getTransformers', 'getJsDocTagsOfDeclarations', 'getDocumentationComment'];

/** Turns the package into a module of named exports, so that esbuild keeps what is imported of it. */
export const leanTypeScript = {
  name: 'lean-typescript',
  setup(setup) {
    setup.onLoad({ filter: /[\\/]typescript[\\/]lib[\\/]typescript\.js$/ }, ({ path: file }) => ({ contents: asModule(readFileSync(file, 'utf8')), loader: 'js' }));
    // It imports the package as a whole.
    setup.onLoad({ filter: /[\\/]ts-blank-space[\\/]out[\\/].*\.js$/ }, ({ path: file }) => ({ contents: readFileSync(file, 'utf8').replace(/^import (\w+) from "typescript"/m, 'import * as $1 from "typescript"'), loader: 'js' }));
  },
};

function asModule(text) {
  const whole = /\n\(?var ts = \{\}; \(\(module\) => \{\n"use strict";\n([^]*?)\n\/\/ src\/typescript\/typescript\.ts\nvar typescript_exports = \{\};\n__export\(typescript_exports, \{\n([^]*?)\n\}\);\nmodule\.exports = __toCommonJS\(typescript_exports\);\n([^]*?)\n\/\/ Annotate the CommonJS export names/.exec(text);
  if (whole === null) throw new Error('TypeScript is packed in another way than scripts/bundle/typescript.mjs expects: look at its file and bring the two together.');
  const [, head, list, body] = whole;
  const parts = body.split(/^(?=\/\/ src\/)/m);
  const kept = parts.filter((part) => !leftOut.test(part));
  const gone = new Set(parts.filter((part) => !kept.includes(part)).flatMap((part) => [...part.matchAll(/^(?:async )?(?:function\*?|var|let|const|class) (\w+)/gm)].map(([, name]) => name)));
  let code = kept.join('');
  const change = (pattern, by) => {
    const changed = code.replace(pattern, by);
    if (changed === code) throw new Error(`Nothing in TypeScript matches ${pattern} any more, which scripts/bundle/typescript.mjs counts on.`);
    code = changed;
  };
  // Collections of exports, and namespaces, are made by calls: these are as well left out where nobody asks for what they make.
  change(/^var (\w+) = \{\};\n__export\(\1, \{\n([^]*?)\n\}\);$/gm, 'var $1 = /* @__PURE__ */ __collected({\n$2\n});');
  change(/^var (\w+);\n\(\((\w+)\) => \{\n([^]*?)^\}\)\(\1 \|\| \(\1 = \{\}\)\);$/gm, 'var $1 = /* @__PURE__ */ (($2) => {\n$3return $2;\n})({});');
  for (const name of unused) change(new RegExp(`^function ${name}\\(`, 'm'), `function ${name}() { throw new Error("This build of TypeScript checks and does nothing else: it has no ${name}."); }\nfunction ${name}LeftOut(`);
  const names = [...list.matchAll(/^ {2}(\w+): \(\) => (\w+),?$/gm)].filter(([, , own]) => !gone.has(own)).map(([, name, own]) => `${own} as ${name}`);
  return `${head}\nconst __collected = (all) => { const exports = {}; __export(exports, all); return exports; };\n${code}\nexport { ${names.join(', ')} };\n`;
}

/** Copies the library that scripts are checked against, ECMAScript 2023, without its comments: nobody is shown them. */
export function copyLibrary(from, to) {
  mkdirSync(to, { recursive: true });
  const seen = new Set();
  const copy = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    const text = readFileSync(path.join(from, `lib.${name}.d.ts`), 'utf8');
    writeFileSync(path.join(to, `lib.${name}.d.ts`), text.replace(/\/\*[^]*?\*\//g, '').replace(/^\s*\n/gm, ''));
    for (const [, referred] of text.matchAll(/^\/\/\/ <reference lib="(.+)" \/>/gm)) copy(referred);
  };
  copy('es2023');
}
