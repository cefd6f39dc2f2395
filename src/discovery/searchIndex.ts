import MiniSearch, { type SearchResult } from 'minisearch';
import type { CatalogTool } from '../catalog/catalog.js';
import { isJsonObject, type JsonValue } from '../json.js';
import { asks, changes } from './asking.js';
import { conceptsOf, synonymsOf, type Concept } from './concepts.js';
import { isWord, Places, telling } from './meaning.js';
import { best, Tally, together, type Scores } from './scores.js';
import { firstSentence } from './sentence.js';
import { atOnce } from '../typings/steps.js';
import { emptyWords, stemOf, wordsOf, wordsOfProse } from './words.js';

/** Ranks the tools of a catalog for a query in words. */
export interface SearchIndex {
  /** Indexes, in steps of a few milliseconds. A search before the end does what is left of the reading first. */
  readonly indexing: Generator<void, void>;
  search(query: string, page?: { readonly accept?: (tool: CatalogTool) => boolean; readonly offset?: number; readonly limit?: number }): { readonly tools: readonly CatalogTool[]; readonly total: number };
}

/** What a synonym counts against the word itself. */
const synonymWeight = 0.6;
/** What a word of nearly the same meaning counts against the word itself, and how near it must be. */
const relatedWeight = 0.3;
const nearlyTheSame = { least: 0.6, most: 3 };
/** What the words of a known phrase count by themselves. */
const looseWordWeight = 0.5;
/** How much a tool that answers only part of the query falls behind: 0 not at all, 1 in proportion. */
const coverageExponent = 0.5;
/** A guess at a name is meant to the letter: what has not all of it is hardly meant. */
const nameCoverageExponent = 1.5;
/** What nearness in meaning counts against words found, and that of all tools of the server: a query tells its field as well. */
const meaningWeight = 11;
const fieldWeight = 10;
/** What a tool that changes something falls behind where the query only asks. */
const askedWeight = 5;
/** Whatever else fits, a tool of just this name comes first. */
const namedExactly = 1_000;
/** What a tool is ahead by where the query names its server. */
const namedServerWeight = 20;
/** A name that more servers have tells nothing of them (`mcp`, `server`); nor does one that others say as often. */
const mostOfOneName = 2;
const ownName = 0.7;
/** BM25 (Robertson and Zaragoza 2009): how soon more of the same word stops counting, here over all fields together. */
const saturation = 2;
/** A tool that shares no word with the query is a hit where it is at least this near. */
const nearEnough = 0.35;
/** Long descriptions are examples and warnings after a while. */
const descriptionLength = 1_500;
/** A tool with more of them says nothing new, and would hold up the host. */
const mostParameterWords = 1_000;
/** Whatever comes after is a text, not a question. */
const longestQuery = 40;
const rememberedWords = 16_000;

interface Entry {
  readonly id: number;
  readonly name: string;
  readonly server: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: string;
}

const boost = { name: 6, server: 4, summary: 2, description: 0.6, parameters: 0.5 };

/** Indexes names, servers, descriptions, parameter names and enum values; typos, word forms, synonyms and related words are matched. */
export function createSearchIndex(tools: readonly CatalogTool[]): SearchIndex {
  const index = new MiniSearch<Entry>({
    fields: ['name', 'server', 'summary', 'description', 'parameters'],
    tokenize: (text, field) => (field === 'summary' || field === 'description' ? wordsOfProse : wordsOf)(text),
    processTerm: (term) => (emptyWords.has(term) ? null : stemOf(term)),
    searchOptions: { boost, tokenize: (text) => text.split(' '), processTerm: (term) => term },
  });
  /** Stems of names, servers and first sentences: a word among them is no typo. */
  const vocabulary = new Set<string>();
  const places = new Places(tools.length);
  /** Stems of what servers are called, with the servers. */
  const serverWords = new Map<string, Set<string>>();
  /** Tools by the letters of their names alone. */
  const byLetters = new Map<string, number[]>();
  const isChanging = new Uint8Array(tools.length);
  /** The tools of each server. */
  const fields = new Map<string, number[]>();

  function* readTools(): Generator<void, void> {
    for (const [id, tool] of tools.entries()) {
      if (id % indexedAtOnce === indexedAtOnce - 1) yield;
      const entry = entryOf(tool, id);
      index.add(entry);
      const said = wordsOf(`${entry.name} ${entry.summary}`).map(stemOf);
      places.set(id, said);
      isChanging[id] = changes(tool) ? 1 : 0;
      const field = fields.get(tool.namespace);
      if (field === undefined) fields.set(tool.namespace, [id]);
      else field.push(id);
      for (const stem of said) vocabulary.add(stem);
      for (const stem of wordsOf(entry.server).map(stemOf)) {
        vocabulary.add(stem);
        serverWords.set(stem, (serverWords.get(stem) ?? new Set()).add(tool.namespace));
      }
      for (const letters of new Set([lettersOf(tool.ref.name), lettersOf(`${tool.namespace}${tool.member}`)])) byLetters.set(letters, [...(byLetters.get(letters) ?? []), id]);
    }
  }
  const reading = readTools();
  function* indexAll(): Generator<void, void> {
    yield* reading;
    // What people say instead is the same in every catalog, and most of what they ask for is what tools are called:
    // neither need wait for a query.
    for (const synonyms of synonymsOf.values()) {
      for (const synonym of synonyms) scoresOf(synonym, true);
      yield;
    }
    said = wordPlaces();
    yield;
    for (const stem of vocabulary) {
      if (remembered.size >= rememberedWords / 2) return;
      scoresOf([stem], false);
      for (const { word } of relatedTo(stem)) scoresOf([word], true);
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

  const scoresFor = (given: string, exact: boolean): Scores => {
    const isKnown = vocabulary.has(given) || isWord(given);
    // Two letters the wrong way round are the commonest slip, and two edits to everybody else.
    const stem = (exact || isKnown ? undefined : swapped(given).find((other) => vocabulary.has(other))) ?? given;
    const hits: SearchResult[] = index.search(stem, {
      // Guessing at letters only where the word is not one that tools use.
      fuzzy: exact || isKnown || stem.length < 3 || vocabulary.has(stem) ? false : stem.length > 7 ? 2 : 1,
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

  /** Words that these tools use, by what they mean. */
  const wordPlaces = (): { readonly words: readonly string[]; readonly places: Places } => {
    const words = [...vocabulary].filter(isWord);
    const wordPlaces = new Places(words.length);
    for (const [id, word] of words.entries()) wordPlaces.set(id, [word]);
    return { words, places: wordPlaces };
  };
  let said: ReturnType<typeof wordPlaces> | undefined;
  const related = new Map<string, readonly { readonly word: string; readonly near: number }[]>();
  /** What else these tools may call it, by its meaning alone. */
  const relatedTo = (word: string): readonly { readonly word: string; readonly near: number }[] => {
    let found = related.get(word);
    if (found === undefined) {
      const { words, places } = (said ??= wordPlaces());
      found = places.nearest([word], nearlyTheSame).flatMap(({ id, near }) => (words[id] === word ? [] : [{ word: words[id]!, near }]));
      if (related.size >= rememberedWords) related.clear();
      related.set(word, found);
    }
    return found;
  };

  const forWord = new Tally(tools.length);
  const forPhrase = new Tally(tools.length);
  const raiseByAnyName = ({ words, synonyms }: Concept): Tally => {
    forWord.raise(scoresOf(words, false), 1);
    for (const synonym of synonyms) forWord.raise(scoresOf(synonym, true), synonymWeight);
    if (words.length === 1) for (const { word, near } of relatedTo(words[0]!)) forWord.raise(scoresOf([word], true), near * relatedWeight);
    return forWord;
  };
  /** Empty it before the next one is asked for. */
  const meantBy = (concept: Concept): Tally => {
    if (concept.loose.length === 0) return raiseByAnyName(concept);
    for (const word of concept.loose) raiseByAnyName(word).empty((id, score) => forPhrase.add(id, score * looseWordWeight));
    raiseByAnyName(concept).empty((id, score) => forPhrase.raiseTo(id, score));
    return forPhrase;
  };

  /** The servers that a word of a query names: one that hardly anybody but them uses. */
  const serversNamed = (words: readonly string[]): ReadonlySet<string> => {
    const named = new Set<string>();
    for (const stem of words.map(stemOf)) {
      const servers = serverWords.get(stem);
      if (servers === undefined || servers.size > mostOfOneName) continue;
      const { ids } = scoresOf([stem], true);
      const own = ids.reduce((count, id) => count + (servers.has(tools[id]!.namespace) ? 1 : 0), 0);
      if (own >= ids.length * ownName) for (const server of servers) named.add(server);
    }
    return named;
  };
  /** The mean of a server's tools, for each of them. */
  const fieldMeans = (values: Float32Array): Float32Array => {
    const means = new Float32Array(values.length);
    for (const ids of fields.values()) {
      const mean = ids.reduce((sum, id) => sum + values[id]!, 0) / ids.length;
      for (const id of ids) means[id] = mean;
    }
    return means;
  };
  /** The words of a query: GitLab is one where a server or a tool is called so, createIssue is two. */
  const wordsOfQuery = (query: string): string[] =>
    (query.match(/[\p{L}\p{N}]+/gu) ?? []).flatMap((word) => (serverWords.has(stemOf(word.toLowerCase())) ? [word.toLowerCase()] : wordsOf(word))).slice(0, longestQuery);

  return {
    indexing: indexAll(),
    search(query, { accept = () => true, offset = 0, limit = Infinity } = {}) {
      atOnce(reading);
      const words = wordsOfQuery(query);
      const named = serversNamed(words);
      const concepts = conceptsOf(words);
      const totals = new Float64Array(tools.length);
      const covered = new Float64Array(tools.length);
      for (const concept of concepts) {
        const weight = Math.max(...concept.words.map(telling));
        meantBy(concept).empty((id, score) => {
          totals[id]! += score * weight;
          covered[id]!++;
        });
      }
      const exponent = /\s/.test(query.trim()) ? coverageExponent : nameCoverageExponent;
      const near = places.nearness(words.map(stemOf));
      const nearField = near === undefined ? undefined : fieldMeans(near);
      const onlyAsks = asks(query);
      for (const id of byLetters.get(lettersOf(query)) ?? []) {
        totals[id]! += namedExactly;
        covered[id] = concepts.length;
      }
      const scores = new Float64Array(tools.length);
      const hits: number[] = [];
      for (const [id, tool] of tools.entries()) {
        const nearby = near?.[id] ?? 0;
        if ((totals[id] === 0 && nearby < nearEnough) || !accept(tool)) continue;
        scores[id] = totals[id]! * (concepts.length === 0 ? 1 : covered[id]! / concepts.length) ** exponent + nearby * meaningWeight + (nearField?.[id] ?? 0) * fieldWeight;
        if (onlyAsks && isChanging[id] === 1) scores[id] -= askedWeight;
        if (named.has(tool.namespace)) scores[id] += namedServerWeight;
        hits.push(id);
      }
      return { tools: best(hits, scores, offset + limit).slice(offset).map((id) => tools[id]!), total: hits.length };
    },
  };
}

/** The word with each two neighbours changed about. */
const swapped = (word: string): string[] => Array.from({ length: Math.max(0, word.length - 1) }, (_, at) => word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2));

const lettersOf = (name: string): string => wordsOf(name).join('');

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
    parameters: parameterWords(tool.inputSchema).join(' '),
  };
}

/** Names and enum values of the parameters, as many as tell what the tool does: what they say about it fades with depth. */
function parameterWords(schema: JsonValue | undefined, depth = 0, words: string[] = []): string[] {
  if (!isJsonObject(schema) || depth > 2) return words;
  const properties = schema['properties'];
  if (!isJsonObject(properties)) return words;
  for (const name of Object.keys(properties)) {
    if (words.length >= mostParameterWords) break;
    words.push(name);
    const property = properties[name];
    if (!isJsonObject(property)) continue;
    for (const each of [property, property['items']]) {
      if (!isJsonObject(each)) continue;
      words.push(...strings(each['enum']));
      parameterWords(each, depth + 1, words);
    }
  }
  return words;
}

function strings(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.slice(0, mostParameterWords).filter((item): item is string => typeof item === 'string') : [];
}
