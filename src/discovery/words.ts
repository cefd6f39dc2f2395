import { stemmer } from 'stemmer';

/** Words that say nothing about what a tool does. */
export const emptyWords = new Set(
  `a an the of to in on for and or is are was were am be been being do does did i me my mine we our us you your it its this that these
  those with from by at as into about can could should would will want wants need needs please how what which who whom when where why
  some any there here so if then than somebody else up out give tell let use using many much have has had just right now they he she
  them his her their only also very via per not no`.split(/\s+/),
);

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

/** Words of prose, where GitLab is a name: taken apart, and whole as well. */
export function wordsOfProse(text: string): string[] {
  const names = text.match(/\p{Lu}\p{Ll}+(?:\p{Lu}+\p{Ll}*)+/gu) ?? [];
  return [...wordsOf(text), ...names.map((name) => name.toLowerCase()).filter((name) => name.length <= longestWord)];
}

/** Stemming is most of the work of indexing, and tools repeat their words. */
const stems = new Map<string, string>();
export function stemOf(word: string): string {
  let stem = stems.get(word);
  if (stem === undefined) {
    if (stems.size > 50_000) stems.clear();
    stems.set(word, (stem = stemmer(word)));
  }
  return stem;
}
