import type { JsonObject } from '../../json.js';

/** One commit per six NUL-ended fields with `git log -z`; no message can hold a NUL. */
export const commitFormat = '--format=%H%x00%an%x00%ae%x00%aI%x00%s%x00%b';

/** Reads `git log -z` in {@link commitFormat}. */
export function parseCommits(output: string, staged: ReadonlySet<string>): JsonObject[] {
  const fields = output.split('\0');
  const commits: JsonObject[] = [];
  for (let i = 0; i + 5 < fields.length; i += 6) {
    const [sha = '', author = '', email = '', date = '', subject = '', body = ''] = fields.slice(i, i + 6);
    commits.push({ sha, author, email, date, subject, body: body.trimEnd(), staged: staged.has(sha) });
  }
  return commits;
}

export interface LineCount {
  readonly insertions: number;
  readonly deletions: number;
  readonly binary: boolean;
}

/** Reads `git diff --numstat -z`, by path; a renamed file stands under its new one. */
export function parseNumstat(output: string): Map<string, LineCount> {
  const fields = output.split('\0');
  const counts = new Map<string, LineCount>();
  for (let i = 0; i < fields.length; i++) {
    const match = /^(\d+|-)\t(\d+|-)\t([^]*)$/.exec(fields[i]!);
    if (match === null) continue;
    // With a rename the path is empty, and the old and the new one follow.
    const file = match[3] === '' ? fields[(i += 2)]! : match[3]!;
    counts.set(file, { insertions: Number(match[1]) || 0, deletions: Number(match[2]) || 0, binary: match[1] === '-' });
  }
  return counts;
}

const changes: Readonly<Record<string, string>> = { A: 'added', M: 'modified', D: 'deleted', T: 'typeChanged' };

/** Reads `git diff --name-status -z`. */
export function parseChanges(output: string): { readonly path: string; readonly change: string; readonly from?: string }[] {
  const fields = output.split('\0');
  const found = [];
  for (let i = 0; i + 1 < fields.length; ) {
    const letter = fields[i++]![0]!;
    const first = fields[i++]!;
    if (letter === 'R') found.push({ path: fields[i++]!, change: 'renamed', from: first });
    else if (letter === 'C') found.push({ path: fields[i++]!, change: 'added' });
    else found.push({ path: first, change: changes[letter] ?? 'modified' });
  }
  return found;
}

/** Reads `git blame --line-porcelain`; the line's author and date stand between its header and its text. */
export function parseBlame(output: string): JsonObject[] {
  const lines: JsonObject[] = [];
  let [sha, line, author, seconds] = ['', 0, '', 0];
  for (const row of output.split('\n')) {
    const header = /^([0-9a-f]{40,64}) \d+ (\d+)/.exec(row);
    const committed = !/^0+$/.test(sha);
    if (row.startsWith('\t')) lines.push({ line, sha: committed ? sha : null, author: committed ? author : '', date: new Date(seconds * 1000).toISOString(), text: row.slice(1) });
    else if (header !== null) [sha, line] = [header[1]!, Number(header[2])];
    else if (row.startsWith('author ')) author = row.slice('author '.length);
    else if (row.startsWith('author-time ')) seconds = Number(row.slice('author-time '.length));
  }
  return lines;
}
