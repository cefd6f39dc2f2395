import type { ChangeSet, Differences, StagedFile } from './changeSet.js';
import { fileDiff, type FileDiff } from './fileDiff.js';

/** Characters of all lines together, and files, that are shown and kept of one set. */
const mostCharacters = 400_000;
const mostFiles = 1_000;

/** What is staged, file by file, as a person reads it. */
export async function differencesOf(set: Pick<ChangeSet, 'files' | 'content'>, { included }: { readonly included: boolean }): Promise<Differences> {
  const all = set.files.filter((file) => !included || !file.excluded);
  const files: FileDiff[] = [];
  let room = mostCharacters;
  for (const file of all.slice(0, mostFiles)) {
    const diff = room > 0 ? await diffOf(set, file) : undefined;
    room -= diff?.hunks.reduce((sum, hunk) => sum + hunk.lines.join('\n').length, 0) ?? 0;
    files.push(diff !== undefined && room >= 0 ? diff : { ...namesOf(file), hunks: [], note: 'Its lines are left out: the changes are too many to be kept here.' });
  }
  const leftOut = set.files.filter((file) => file.excluded).map((file) => file.path);
  const notes = [
    ...(all.length > mostFiles ? [`${(all.length - mostFiles).toLocaleString('en')} more files are not listed.`] : []),
    ...(included && leftOut.length > 0 ? [`Left out by you: ${leftOut.slice(0, 20).join(', ')}${leftOut.length > 20 ? ` and ${leftOut.length - 20} more` : ''}.`] : []),
  ];
  return { files, ...(notes.length > 0 && { note: notes.join(' ') }) };
}

async function diffOf(set: Pick<ChangeSet, 'content'>, file: StagedFile): Promise<FileDiff> {
  const before = await set.content(file.path, 'base');
  const after = await set.content(file.path, 'staged');
  const from = file.from?.path;
  return fileDiff({ path: file.path, ...(from !== undefined && { from }), ...(before !== undefined && { before }), ...(after !== undefined && { after }) });
}

function namesOf({ path, from, kind, insertions, deletions }: StagedFile): Omit<FileDiff, 'hunks'> {
  return { path, ...(from !== undefined && { from: from.path }), kind, insertions, deletions };
}
