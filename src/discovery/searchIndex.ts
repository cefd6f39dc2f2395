import MiniSearch, { type SearchResult } from 'minisearch';
import { stemmer as porterStemmer } from 'stemmer';
import type { CatalogTool } from '../catalog/catalog.js';
import { isJsonObject, type JsonSchema, type JsonValue } from '../json.js';
import { firstSentence } from './sentence.js';
import { meanings } from './thesaurus.js';

/** Ranks the tools of a catalog for a query in words. */
export interface SearchIndex {
  /** Indexes up to `count` more tools; false when all are. A search indexes what is left first. */
  advance(count: number): boolean;
  /** Every match, best first. */
  search(query: string): readonly CatalogTool[];
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
/** How much a tool that answers only part of the query falls behind: 0 not at all, 1 in proportion. */
const coverageExponent = 1;
/** Long descriptions are examples and warnings after a while. */
const descriptionLength = 1_500;
const rememberedWords = 2_000;
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
}

/** Indexes names, servers, descriptions, parameter names and enum values; typos, word forms and synonyms are matched. */
export function createSearchIndex(tools: readonly CatalogTool[]): SearchIndex {
  const index = new MiniSearch<Entry>({
    fields: ['name', 'server', 'summary', 'description', 'parameters'],
    tokenize: wordsOf,
    processTerm: (term) => (emptyWords.has(term) ? null : stemmer(term)),
    searchOptions: { boost, tokenize: (text) => text.split(' '), processTerm: (term) => term },
  });
  /** Stems of names, servers and first sentences: a word among them is no typo. */
  const vocabulary = new Set<string>();
  let indexed = 0;
  const advance = (count: number): boolean => {
    const end = Math.min(tools.length, indexed + count);
    for (; indexed < end; indexed++) {
      const tool = tools[indexed];
      if (tool === undefined) continue;
      const entry = entryOf(tool, indexed);
      index.add(entry);
      for (const word of wordsOf(`${entry.name} ${entry.server} ${entry.summary}`)) vocabulary.add(stemmer(word));
    }
    return indexed < tools.length;
  };

  // The same few hundred words make up most queries and their synonyms.
  const remembered = new Map<string, ReadonlyMap<number, number>>();
  const scoresOf = (words: readonly string[], exact: boolean): ReadonlyMap<number, number> => {
    const key = `${exact ? '=' : '~'}${words.join(' ')}`;
    let scores = remembered.get(key);
    if (scores === undefined) {
      if (remembered.size >= rememberedWords) remembered.clear();
      remembered.set(key, (scores = scoresFor(words, exact)));
    }
    return scores;
  };

  const scoresFor = (words: readonly string[], exact: boolean): ReadonlyMap<number, number> => {
    const known = words.every((word) => vocabulary.has(word));
    const hits: SearchResult[] = index.search(words.join(' '), {
      combineWith: 'AND',
      // Guessing at letters only where the word is not one that tools use.
      fuzzy: exact || known ? false : (term) => (term.length > 7 ? 2 : term.length > 3 ? 1 : false),
      prefix: exact ? false : (term) => term.length > 3,
      weights: { fuzzy: 0.5, prefix: 0.4 },
    });
    return new Map(hits.map((hit) => [hit.id as number, hit.score / words.length]));
  };

  return {
    advance,
    search(query) {
      advance(tools.length);
      const concepts = conceptsOf(query);
      const totals = new Float64Array(tools.length);
      const covered = new Float64Array(tools.length);
      for (const concept of concepts) {
        const best = new Map(scoresOf(concept.words, false));
        for (const synonym of concept.synonyms) {
          for (const [id, score] of scoresOf(synonym, true)) {
            if (score * synonymWeight > (best.get(id) ?? 0)) best.set(id, score * synonymWeight);
          }
        }
        for (const [id, score] of best) {
          totals[id] = (totals[id] ?? 0) + score;
          covered[id] = (covered[id] ?? 0) + 1;
        }
      }
      const ranked: { readonly id: number; readonly score: number }[] = [];
      for (let id = 0; id < tools.length; id++) {
        const score = (totals[id] ?? 0) * ((covered[id] ?? 0) / concepts.length) ** coverageExponent;
        if (score > 0) ranked.push({ id, score });
      }
      return ranked.sort((a, b) => b.score - a.score || a.id - b.id).flatMap(({ id }) => tools[id] ?? []);
    },
  };
}

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
  const concepts: Concept[] = [];
  for (let at = 0; at < words.length; ) {
    let length = Math.min(longestPhrase, words.length - at);
    while (length > 1 && !synonymsOf.has(wordStems.slice(at, at + length).join(' '))) length--;
    const phrase = wordStems.slice(at, at + length);
    const synonyms = synonymsOf.get(phrase.join(' ')) ?? [];
    const telling = phrase.filter((_, offset) => !emptyWords.has(words[at + offset] ?? ''));
    if (telling.length > 0 && (length > 1 || !emptyWords.has(words[at] ?? ''))) concepts.push({ words: telling, synonyms });
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
