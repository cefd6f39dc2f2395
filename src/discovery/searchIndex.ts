import MiniSearch, { type SearchResult } from 'minisearch';
import { stemmer as porterStemmer } from 'stemmer';
import type { CatalogTool } from '../catalog/catalog.js';
import { isJsonObject, type JsonSchema, type JsonValue } from '../json.js';
import { firstSentence } from './sentence.js';
import { atOnce } from '../typings/steps.js';
import { meanings } from './thesaurus.js';
import { readTopics, type Topics } from './topics.js';

/** Ranks the tools of a catalog for a query in words. */
export interface SearchIndex {
  /** Indexes, in steps of a few milliseconds. A search before the end does what is left of the words first, and goes by words alone. */
  readonly indexing: Generator<void, void>;
  search(query: string, page?: { readonly accept?: (tool: CatalogTool) => boolean; readonly offset?: number; readonly limit?: number }): { readonly tools: readonly CatalogTool[]; readonly total: number };
}

/** Words that say nothing about what a tool does. */
const emptyWords = new Set(
  `a an the of to in on for and or is are was were am be been being do does did i me my mine we our us you your it its this that these
  those with from by at as into about can could should would will want wants need needs please how what which who whom when where why
  some any there here so if then than somebody else up out give tell let use using many much have has had just right now they he she
  them his her their only also very via per not no`.split(/\s+/),
);

/** What a synonym counts against the word itself. */
const synonymWeight = 0.5;
/** A known phrase says more than one word does, and its words by themselves less. */
const phraseWeight = 1.5;
const looseWordWeight = 0.5;
/** How much a tool that answers only part of the query falls behind: 0 not at all, 1 in proportion. */
const coverageExponent = 0.5;
/** What nearness in topics counts, for each thing asked for, against words found. */
const topicWeight = 1;
const topicSynonymWeight = 0.3;
/** BM25 (Robertson and Zaragoza 2009): how soon more of the same word stops counting, here over all fields together. */
const saturation = 1.2;
/** A query that shares no word with any tool is answered by what is at least this near. */
const nearEnough = 0.35;
/** Long descriptions are examples and warnings after a while. */
const descriptionLength = 1_500;
const rememberedWords = 10_000;
/** A longer run of letters is data, not a word; matching it by letters would take memory by its square. */
const longestWord = 40;

/** Words of a text: camelCase, snake_case and kebab-case are taken apart. */
export function wordsOf(text: string): string[] {
  return text
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && word.length <= longestWord);
}

interface Entry {
  readonly id: number;
  readonly name: string;
  readonly server: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: string;
}

const boost = { name: 4, server: 2, summary: 2, description: 0.6, parameters: 0.5 };

/** Stemming is most of the work of indexing, and tools repeat their words. */
const stems = new Map<string, string>();
function stemmer(word: string): string {
  let stem = stems.get(word);
  if (stem === undefined) {
    if (stems.size > 50_000) stems.clear();
    stems.set(word, (stem = porterStemmer(word)));
  }
  return stem;
}

/** One thing a query asks for: a word or a phrase of it, and what else it may be called. */
interface Concept {
  readonly words: readonly string[];
  readonly synonyms: readonly (readonly string[])[];
  /** The words of a phrase, each by itself. */
  readonly loose: readonly Concept[];
}

/** Tools by number, ascending, and what each scores. */
interface Scores {
  readonly ids: Uint32Array;
  readonly values: Float64Array;
}

/** Indexes names, servers, descriptions, parameter names and enum values; typos, word forms, synonyms and related words are matched. */
export function createSearchIndex(tools: readonly CatalogTool[]): SearchIndex {
  const index = new MiniSearch<Entry>({
    fields: ['name', 'server', 'summary', 'description', 'parameters'],
    tokenize: wordsOf,
    processTerm: (term) => (emptyWords.has(term) ? null : stemmer(term)),
    searchOptions: { boost, tokenize: (text) => text.split(' '), processTerm: (term) => term },
  });
  /** Stems of names, servers and first sentences: a word among them is no typo. */
  const vocabulary = new Set<string>();
  const documents: Map<string, number>[] = [];
  let topics: Topics | undefined;

  function* readTools(): Generator<void, void> {
    for (const [id, tool] of tools.entries()) {
      if (id % indexedAtOnce === indexedAtOnce - 1) yield;
      const entry = entryOf(tool, id);
      index.add(entry);
      const weights = new Map<string, number>();
      for (const [field, weight] of fieldWeights) {
        for (const word of wordsOf(entry[field])) {
          if (emptyWords.has(word)) continue;
          const stem = stemmer(word);
          weights.set(stem, (weights.get(stem) ?? 0) + weight);
          if (weight > 1 || field === 'server') vocabulary.add(stem);
        }
      }
      documents.push(weights);
    }
  }
  const words = readTools();
  function* indexAll(): Generator<void, void> {
    yield* words;
    topics = yield* readTopics(documents);
    // What people say instead is the same in every catalog, so it need not wait for a query.
    for (const synonyms of synonymsOf.values()) {
      for (const synonym of synonyms) scoresOf(synonym, true);
      yield;
    }
  }

  // The same few hundred words make up most queries and their synonyms.
  const remembered = new Map<string, Scores>();
  const scoresOf = (stems: readonly string[], exact: boolean): Scores => {
    const key = `${exact ? '=' : '~'}${stems.join(' ')}`;
    let scores = remembered.get(key);
    if (scores === undefined) {
      if (remembered.size >= rememberedWords) remembered.clear();
      remembered.set(key, (scores = stems.length === 1 ? scoresFor(stems[0]!, exact) : together(stems.map((stem) => scoresOf([stem], exact)))));
    }
    return scores;
  };

  const scoresFor = (stem: string, exact: boolean): Scores => {
    const hits: SearchResult[] = index.search(stem, {
      // Guessing at letters only where the word is not one that tools use.
      fuzzy: exact || stem.length < 4 || vocabulary.has(stem) ? false : stem.length > 7 ? 2 : 1,
      prefix: !exact && stem.length > 3,
      weights: { fuzzy: 0.5, prefix: 0.4 },
    });
    hits.sort((a, b) => (a.id as number) - (b.id as number));
    const rarity = Math.log(1 + (tools.length - hits.length + 0.5) / (hits.length + 0.5));
    return {
      ids: Uint32Array.from(hits, ({ id }) => id as number),
      values: Float64Array.from(hits, ({ score }) => (score * (saturation + 1)) / (score / rarity + saturation)),
    };
  };

  const forWord = new Tally(tools.length);
  const forPhrase = new Tally(tools.length);
  const raiseByAnyName = ({ words, synonyms }: Concept): Tally => {
    forWord.raise(scoresOf(words, false), 1);
    for (const synonym of synonyms) forWord.raise(scoresOf(synonym, true), synonymWeight);
    return forWord;
  };
  /** Empty it before the next one is asked for. */
  const meantBy = (concept: Concept): Tally => {
    if (concept.loose.length === 0) return raiseByAnyName(concept);
    for (const word of concept.loose) raiseByAnyName(word).empty((id, score) => forPhrase.add(id, score * looseWordWeight));
    raiseByAnyName(concept).empty((id, score) => forPhrase.raiseTo(id, score * phraseWeight));
    return forPhrase;
  };

  return {
    indexing: indexAll(),
    search(query, { accept = () => true, offset = 0, limit = Infinity } = {}) {
      atOnce(words);
      const concepts = conceptsOf(query);
      const totals = new Float64Array(tools.length);
      const covered = new Float64Array(tools.length);
      for (const concept of concepts) {
        meantBy(concept).empty((id, score) => {
          totals[id]! += score;
          covered[id]!++;
        });
      }
      // A guess at a name is meant to the letter.
      const near = /\s/.test(query.trim()) ? topics?.nearness(wordsMeant(concepts)) : undefined;
      const least = totals.some((score) => score > 0) ? Infinity : nearEnough;
      const ranked: Ranked[] = [];
      for (const [id, tool] of tools.entries()) {
        const isNear = near !== undefined && near[id]! >= least;
        if ((totals[id] === 0 && !isNear) || !accept(tool)) continue;
        const topic = near === undefined ? 0 : near[id]! * concepts.length * topicWeight;
        ranked.push({ tool, id, score: totals[id]! * (covered[id]! / concepts.length) ** coverageExponent + topic });
      }
      return { tools: best(ranked, offset + limit).slice(offset), total: ranked.length };
    },
  };
}

/** Scores being made up, of some tools among many. */
class Tally {
  private readonly values: Float64Array;
  private readonly touched: Uint32Array;
  private count = 0;

  constructor(size: number) {
    this.values = new Float64Array(size);
    this.touched = new Uint32Array(size);
  }

  raise({ ids, values }: Scores, weight: number): void {
    for (let at = 0; at < ids.length; at++) this.raiseTo(ids[at]!, values[at]! * weight);
  }

  raiseTo(id: number, score: number): void {
    const before = this.values[id]!;
    if (before === 0) this.touched[this.count++] = id;
    if (score > before) this.values[id] = score;
  }

  add(id: number, score: number): void {
    this.raiseTo(id, this.values[id]! + score);
  }

  empty(use: (id: number, score: number) => void): void {
    for (let at = 0; at < this.count; at++) {
      const id = this.touched[at]!;
      use(id, this.values[id]!);
      this.values[id] = 0;
    }
    this.count = 0;
  }
}

interface Ranked {
  readonly tool: CatalogTool;
  readonly id: number;
  readonly score: number;
}

/** The first `count` in order of score; sorting thousands of objects to show ten would be most of a search. */
function best(ranked: readonly Ranked[], count: number): CatalogTool[] {
  let candidates = ranked;
  if (count < ranked.length) {
    const scores = Float64Array.from(ranked, ({ score }) => score).sort();
    const least = scores[scores.length - count] ?? Infinity;
    candidates = ranked.filter(({ score }) => score >= least);
  }
  return [...candidates]
    .sort((a, b) => b.score - a.score || a.id - b.id)
    .slice(0, count)
    .map(({ tool }) => tool);
}

/** Of tools that hold all of the words, the mean of what each word scores. */
function together(words: readonly Scores[]): Scores {
  const [first, ...others] = words as readonly [Scores, ...Scores[]];
  const ids: number[] = [];
  const values: number[] = [];
  const places = others.map(() => 0);
  for (const [at, id] of first.ids.entries()) {
    let sum = first.values[at]!;
    const isInAll = others.every((other, which) => {
      let place = places[which]!;
      while (other.ids[place]! < id) place++;
      places[which] = place;
      sum += other.values[place] ?? 0;
      return other.ids[place] === id;
    });
    if (!isInAll) continue;
    ids.push(id);
    values.push(sum / words.length);
  }
  return { ids: Uint32Array.from(ids), values: Float64Array.from(values) };
}

function wordsMeant(concepts: readonly Concept[]): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  const add = (word: string, weight: number): void => void weights.set(word, (weights.get(word) ?? 0) + weight);
  for (const { words, synonyms } of concepts) {
    for (const word of words) add(word, 1);
    for (const [word, ...more] of synonyms) if (word !== undefined && more.length === 0) add(word, topicSynonymWeight);
  }
  return weights;
}

/** What the words of each field say about the topic of a tool. */
const fieldWeights = [['name', 2], ['summary', 1.5], ['description', 1], ['parameters', 0.5], ['server', 0.3]] as const;
/** Tools indexed in one step: a few milliseconds. */
const indexedAtOnce = 10;

function entryOf(tool: CatalogTool, id: number): Entry {
  const description = tool.description ?? '';
  return {
    id,
    name: tool.ref.name,
    server: `${tool.ref.source} ${tool.namespace}`,
    summary: `${tool.title ?? ''} ${firstSentence(description)}`,
    description: description.slice(0, descriptionLength),
    parameters: parameterWords(tool.inputSchema),
  };
}

/** Phrase of stems → the stems it may mean. */
const synonymsOf: ReadonlyMap<string, readonly (readonly string[])[]> = (() => {
  const map = new Map<string, string[][]>();
  for (const { said, meant } of meanings) {
    for (const phrase of said) {
      const key = phrase.map(stemmer).join(' ');
      const list = map.get(key) ?? [];
      map.set(key, list);
      for (const other of meant) {
        const stems = other.filter((word) => !emptyWords.has(word)).map(stemmer);
        if (stems.length > 0 && stems.join(' ') !== key) list.push(stems);
      }
    }
  }
  return map;
})();

const longestPhrase = 4;

/** Takes a query apart, longest known phrases first; what is left are its words. */
function conceptsOf(query: string): Concept[] {
  const words = wordsOf(query).slice(0, 40);
  const wordStems = words.map(stemmer);
  const conceptAt = (at: number, length: number): Concept | undefined => {
    const stems = wordStems.slice(at, at + length);
    const telling = stems.filter((_, offset) => !emptyWords.has(words[at + offset] ?? ''));
    if (telling.length === 0) return undefined;
    const loose = length === 1 ? [] : stems.flatMap((_, offset) => conceptAt(at + offset, 1) ?? []);
    return { words: telling, synonyms: synonymsOf.get(stems.join(' ')) ?? [], loose };
  };
  const concepts: Concept[] = [];
  for (let at = 0; at < words.length; ) {
    let length = Math.min(longestPhrase, words.length - at);
    while (length > 1 && !synonymsOf.has(wordStems.slice(at, at + length).join(' '))) length--;
    const concept = conceptAt(at, length);
    if (concept !== undefined) concepts.push(concept);
    at += length;
  }
  return concepts;
}

/** Names, enum values and, near the root, descriptions of the parameters: what they say about the tool fades with depth. */
function parameterWords(schema: JsonSchema, depth = 0): string {
  if (!isJsonObject(schema) || depth > 2) return '';
  const words: string[] = [];
  const properties = schema['properties'];
  if (isJsonObject(properties)) {
    for (const [name, property] of Object.entries(properties)) {
      words.push(name);
      if (!isJsonObject(property)) continue;
      words.push(...strings(property['enum']), parameterWords(property, depth + 1));
      const items = property['items'];
      if (isJsonObject(items)) words.push(...strings(items['enum']), parameterWords(items, depth + 1));
    }
  }
  return words.join(' ');
}

function strings(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
