/**
 * Texts of which every line that a pattern of RE2 matches must hold at least one, whatever its letter case if that does
 * not count; undefined where the pattern does not tell. Engines that know other dialects can look for these.
 */
export function needlesOf(pattern: string): readonly string[] | undefined {
  // Flags change what letters mean, and quoted text hides what else is special.
  if (/\(\?(?!:|P?<)|\\Q/.test(pattern)) return undefined;
  const needles: string[] = [];
  const chars = [...pattern];
  let best = '';
  let run: string[] = [];
  const end = (): void => {
    if (run.length > [...best].length) best = run.join('');
    run = [];
  };
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at]!;
    const repetition = char === '{' ? /^\{\d+(,\d*)?\}/.exec(chars.slice(at, at + 16).join('')) : null;
    if (char === '|') {
      end();
      if (best === '') return undefined;
      needles.push(best);
      best = '';
    } else if (char === '\\') {
      const next = chars[++at];
      if (next !== undefined && /[^\p{L}\p{N}]/u.test(next)) run.push(next);
      else end();
    } else if (char === '[') {
      end();
      at = afterClass(chars, at);
    } else if (char === '(') {
      end();
      at = afterGroup(chars, at);
    } else if (char === '*' || char === '?' || repetition !== null) {
      // What it repeats may not be there at all.
      run.pop();
      end();
      if (repetition !== null) at += repetition[0].length - 1;
    } else if (/[.^$+)]/.test(char)) end();
    else run.push(char);
  }
  end();
  return best === '' ? undefined : [...needles, best];
}

/** Where the class that begins at a place ends. */
function afterClass(chars: readonly string[], from: number): number {
  let at = from + 1;
  if (chars[at] === '^') at++;
  // As the first one, it is a member.
  if (chars[at] === ']') at++;
  for (; at < chars.length && chars[at] !== ']'; at++) {
    if (chars[at] === '\\') at++;
    else if (chars[at] === '[' && chars[at + 1] === ':') {
      for (at += 2; at < chars.length && !(chars[at - 1] === ':' && chars[at] === ']'); ) at++;
    }
  }
  return at;
}

function afterGroup(chars: readonly string[], from: number): number {
  let depth = 0;
  for (let at = from; at < chars.length; at++) {
    if (chars[at] === '\\') at++;
    else if (chars[at] === '[') at = afterClass(chars, at);
    else if (chars[at] === '(') depth++;
    else if (chars[at] === ')' && --depth === 0) return at;
  }
  return chars.length;
}
