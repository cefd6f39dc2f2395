import { useState } from 'preact/hooks';
import type { FileDiff } from '../../../src/runs/changes/fileDiff.js';
import type { DiffHunk } from '../../../src/runs/changes/textDiff.js';
import { Icon } from './icon.js';
import { many } from './many.js';
import { Visible } from './visible.js';

const words = { modified: 'changes', added: 'new file', deleted: 'deleted', renamed: 'moved' } as const;
/** Lines that are shown at first. */
const shownAtFirst = 40;

interface FileDiffProps {
  readonly diff: FileDiff;
  /** Everything is to be shown at once. */
  readonly unfolded?: boolean;
  /** Opens both sides in an editor. */
  readonly onOpen?: () => void;
}

/** What becomes of one file: its name, how much differs, and the lines. */
export function FileDiffView({ diff, unfolded, onOpen }: FileDiffProps) {
  return (
    <div class="file-diff" role="group" aria-label={`${diff.path}, ${words[diff.kind]}`}>
      <FileDiffHead diff={diff}>
        {onOpen !== undefined && diff.binary !== true && (
          <button type="button" class="icon end" aria-label={`Open ${diff.path} in the diff editor`} title="Open in the diff editor" onClick={onOpen}>
            <Icon name="go-to-file" />
          </button>
        )}
      </FileDiffHead>
      {diff.note !== undefined && <p class="why">{diff.note}</p>}
      <Hunks hunks={diff.hunks} label={`Lines of ${diff.path}`} unfolded={unfolded} />
    </div>
  );
}

export function FileDiffHead({ diff, children }: { readonly diff: FileDiff; readonly children?: preact.ComponentChildren }) {
  return (
    <span class="file-diff-head">
      <code class="file-diff-name">
        {diff.from !== undefined && (
          <>
            <Visible text={diff.from} /> →{' '}
          </>
        )}
        <Visible text={diff.path} />
      </code>
      <span class="muted">{words[diff.kind]}</span>
      <span class="file-counts" aria-hidden="true">
        {diff.insertions > 0 && <span class="inserted">+{diff.insertions.toLocaleString('en')}</span>}
        {diff.deletions > 0 && <span class="deleted">−{diff.deletions.toLocaleString('en')}</span>}
      </span>
      <span class="visually-hidden">{countsOf(diff)}</span>
      {children}
    </span>
  );
}

/** The same in words, for who does not see it. */
function countsOf({ insertions, deletions }: FileDiff): string {
  return [...(insertions > 0 ? [`${many(insertions, 'line')} added`] : []), ...(deletions > 0 ? [`${many(deletions, 'line')} removed`] : [])].join(', ');
}

interface Line {
  readonly sign: string;
  readonly text: string;
  readonly number: number;
}

/** Lines that belong together: removed, added or the same. */
interface Group {
  readonly sign: string;
  readonly lines: readonly Line[];
  /** Lines are left out before it. */
  readonly gap: boolean;
}

/** Lines with their numbers, folded where there are many; nothing is cut away. */
export function Hunks({ hunks, label, unfolded = false }: { readonly hunks: readonly DiffHunk[]; readonly label: string; readonly unfolded?: boolean }) {
  const [open, setOpen] = useState(false);
  if (hunks.length === 0) return null;
  const count = hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
  const folds = !unfolded && count > shownAtFirst + 5;
  return (
    <>
      <pre class="diff" tabIndex={0} aria-label={label}>
        {groupsOf(folds && !open ? firstOf(hunks) : hunks).map((group, index) => (
          <GroupLines key={index} group={group} />
        ))}
      </pre>
      {folds && (
        <button type="button" class="link" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Show less' : `Show all ${count.toLocaleString('en')} lines`}
        </button>
      )}
    </>
  );
}

function GroupLines({ group }: { readonly group: Group }) {
  const lines = group.lines.map((line, index) => (
    <span key={index} class="diff-line">
      <span class="diff-number" aria-hidden="true">
        {line.sign === '\\' ? '' : line.number}
      </span>
      <span class="diff-sign" aria-hidden="true">
        {line.sign === '-' ? '−' : line.sign === '+' ? '+' : ' '}
      </span>
      <span class={line.sign === '\\' ? 'diff-text muted' : 'diff-text'}>
        <Visible text={line.text} />
        {'\n'}
      </span>
    </span>
  ));
  const said = (word: string) => <span class="visually-hidden">{word}: </span>;
  return (
    <>
      {group.gap && <span class="diff-gap" aria-hidden="true" />}
      {group.sign === '+' ? (
        <ins class="diff-added">
          {said('added')}
          {lines}
        </ins>
      ) : group.sign === '-' ? (
        <del class="diff-removed">
          {said('removed')}
          {lines}
        </del>
      ) : (
        <span class="diff-same">{lines}</span>
      )}
    </>
  );
}

function firstOf(hunks: readonly DiffHunk[]): readonly DiffHunk[] {
  let room = shownAtFirst;
  return hunks.flatMap((hunk) => {
    const lines = hunk.lines.slice(0, room);
    room -= lines.length;
    return lines.length > 0 ? [{ ...hunk, lines }] : [];
  });
}

function groupsOf(hunks: readonly DiffHunk[]): readonly Group[] {
  const groups: { sign: string; lines: Line[]; gap: boolean }[] = [];
  for (const [index, hunk] of hunks.entries()) {
    let { before, after } = hunk;
    let isFirst = true;
    for (const line of hunk.lines) {
      const sign = line.charAt(0);
      // What is said of a line belongs to it.
      const kind = sign === '\\' ? (groups.at(-1)?.sign ?? ' ') : sign;
      const number = sign === '-' ? before : after;
      if (sign === '-' || sign === ' ') before++;
      if (sign === '+' || sign === ' ') after++;
      const last = groups.at(-1);
      if (last === undefined || last.sign !== kind || isFirst) groups.push({ sign: kind, lines: [], gap: isFirst && index > 0 });
      groups.at(-1)?.lines.push({ sign, text: line.slice(1), number });
      isFirst = false;
    }
  }
  return groups;
}
