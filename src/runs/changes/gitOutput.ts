import type { GitChange } from '../../catalog/workspace.js';

/** The fields of output that `-z` ends with NUL. */
export function splitNul(output: Buffer | string): string[] {
  return output.toString('utf8').split('\0').filter((part) => part !== '');
}

const changeOf: Readonly<Record<string, GitChange['change']>> = { A: 'added', M: 'modified', D: 'deleted', R: 'renamed', C: 'added', T: 'typeChanged', U: 'conflicted' };

/** Reads `git diff --name-status -z`: a letter, then one path, or two for renames and copies. */
export function parseNameStatus(output: Buffer | string): GitChange[] {
  const fields = splitNul(output);
  const changes: GitChange[] = [];
  for (let i = 0; i < fields.length;) {
    const letter = fields[i++]![0]!;
    const first = fields[i++];
    if (first === undefined) break;
    if (letter === 'R' || letter === 'C') {
      const second = fields[i++];
      if (second === undefined) break;
      changes.push({ path: second, change: changeOf[letter]!, ...(letter === 'R' ? { from: first } : {}) });
    } else {
      changes.push({ path: first, change: changeOf[letter] ?? 'modified' });
    }
  }
  return changes;
}
