/** What a commit is in answers. */
export interface CommitInfo {
  readonly sha: string;
  readonly author: string;
  readonly date: string;
  readonly subject: string;
  readonly body: string;
  readonly parents: readonly string[];
}

/** Fields end with NUL and commits with a record separator, so that no message can be taken for a field. */
export const commitFormat = '--format=%H%x00%P%x00%an <%ae>%x00%aI%x00%s%x00%b%x00%x1e';

export function parseCommits(output: string): CommitInfo[] {
  return output
    .split('\0\u001e')
    .map((record) => record.replace(/^\n/, ''))
    .filter((record) => record !== '')
    .map((record) => {
      const [sha = '', parents = '', author = '', date = '', subject = '', body = ''] = record.split('\0');
      return { sha, author, date, subject, body: body.trimEnd(), parents: parents.split(' ').filter((parent) => parent !== '') };
    });
}

/** `--numstat -z`: a rename has an empty path followed by the old and the new one. */
export function parseNumstat(output: string): { readonly path: string; readonly insertions: number | null; readonly deletions: number | null }[] {
  const fields = output.split('\0');
  const files = [];
  for (let at = 0; at < fields.length; at++) {
    const match = /^(\d+|-)\t(\d+|-)\t([^]*)$/.exec(fields[at] ?? '');
    if (match === null) continue;
    let path = match[3] ?? '';
    if (path === '') {
      path = fields[at + 2] ?? '';
      at += 2;
    }
    const number = (text: string | undefined): number | null => (text === '-' || text === undefined ? null : Number(text));
    files.push({ path, insertions: number(match[1]), deletions: number(match[2]) });
  }
  return files;
}

/** `--line-porcelain`: headers, then the line after a tab. */
export function parseBlame(output: string): { readonly line: number; readonly sha: string; readonly author: string; readonly date: string; readonly subject: string; readonly text: string }[] {
  const lines = [];
  let header: { sha: string; line: number; author: string; time: number; subject: string } | undefined;
  for (const row of output.split('\n')) {
    const start = /^([0-9a-f]{40,64}) \d+ (\d+)/.exec(row);
    if (row.startsWith('\t') && header !== undefined) {
      lines.push({ line: header.line, sha: header.sha, author: header.author, date: new Date(header.time * 1000).toISOString(), subject: header.subject, text: row.slice(1) });
      header = undefined;
    } else if (start !== null) header = { sha: start[1] ?? '', line: Number(start[2]), author: '', time: 0, subject: '' };
    else if (header === undefined) continue;
    else if (row.startsWith('author ')) header.author = row.slice(7);
    else if (row.startsWith('author-time ')) header.time = Number(row.slice(12));
    else if (row.startsWith('summary ')) header.subject = row.slice(8);
  }
  return lines;
}
