import { meanings } from './thesaurus.js';
import { emptyWords, stemOf } from './words.js';

/** One thing a query asks for: a word or a phrase of it, and what else it may be called. */
export interface Concept {
  readonly words: readonly string[];
  readonly synonyms: readonly (readonly string[])[];
  /** The words of a phrase, each by itself. */
  readonly loose: readonly Concept[];
}

/** Phrase of stems → the stems it may mean. */
export const synonymsOf: ReadonlyMap<string, readonly (readonly string[])[]> = (() => {
  const map = new Map<string, string[][]>();
  for (const { said, meant } of meanings) {
    for (const phrase of said) {
      const key = phrase.map(stemOf).join(' ');
      const list = map.get(key) ?? [];
      map.set(key, list);
      for (const other of meant) {
        const stems = other.filter((word) => !emptyWords.has(word)).map(stemOf);
        if (stems.length > 0 && stems.join(' ') !== key) list.push(stems);
      }
    }
  }
  return map;
})();

const longestPhrase = 4;

/** Takes the words of a query apart, longest known phrases first; what is left are its words. */
export function conceptsOf(words: readonly string[]): Concept[] {
  const wordStems = words.map(stemOf);
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
