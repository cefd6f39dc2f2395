// The icon font with the icons that are used alone: 40 of some 600.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import subsetFont from 'subset-font';

/** Replaces the style sheet of the icon font by one of the icons whose names stand somewhere in these folders. */
export function usedIcons(...folders) {
  return {
    name: 'used-icons',
    setup(setup) {
      setup.onLoad({ filter: /[\\/]codicons[\\/]dist[\\/]codicon\.css$/ }, async ({ path: file }) => {
        const texts = folders.flatMap((folder) => readdirSync(folder, { recursive: true }).filter((name) => /\.tsx?$/.test(name)).map((name) => readFileSync(path.join(folder, name), 'utf8')));
        const words = new Set(texts.flatMap((text) => [...text.matchAll(/['"]([a-z][a-z\d-]+)['"]/g)].map(([, word]) => word)));
        const css = readFileSync(file, 'utf8');
        let characters = '';
        const used = css.replace(/^\.codicon-([\w-]+):before \{ content: "\\(\w+)" \}\n/gm, (rule, name, code) => {
          if (!words.has(name)) return '';
          characters += String.fromCodePoint(Number.parseInt(code, 16));
          return rule;
        });
        if (characters === '') throw new Error('The style sheet of the icon font is written in another way than scripts/bundle/icons.mjs expects.');
        const font = await subsetFont(readFileSync(path.join(path.dirname(file), 'codicon.ttf')), characters, { targetFormat: 'woff2' });
        const url = `data:font/woff2;base64,${font.toString('base64')}`;
        return { contents: used.replace(/url\("\.\/codicon\.ttf[^"]*"\) format\("truetype"\)/, `url("${url}") format("woff2")`), loader: 'css' };
      });
    },
  };
}
