import { useEffect, useState } from 'preact/hooks';
import type { ChangeSetId, RunId } from '../../../src/ids.js';
import type { Differences } from '../../../src/runs/changes/changeSet.js';
import type { FileDiff } from '../../../src/runs/changes/fileDiff.js';
import type { ChangesHeading } from '../../../src/views/panel/protocol.js';
import type { ReviewedTrace, RunTrace } from '../../../src/views/panel/trace.js';
import { FileDiffHead, Hunks } from './fileDiff.js';
import { onMessage, send } from './host.js';
import { Icon } from './icon.js';

/** Files and lines up to which everything is open at once. */
const openFiles = 5;
const openLines = 120;
const listedAtFirst = 50;

const words = { waiting: 'Wait for your review; nothing of them is in the workspace.', applied: 'Applied.', discarded: 'Discarded: nothing of them reached the workspace.', undone: 'Applied, and undone since.' } as const;

/** What the run changed, file by file, whatever became of it. */
export function Reviewed({ trace, waiting }: { readonly trace: RunTrace; readonly waiting: ChangesHeading | undefined }) {
  const sets: readonly (Pick<ReviewedTrace, 'changeSet'> & { readonly state: keyof typeof words; readonly version: string })[] = [
    ...trace.reviewed.map(({ changeSet, state }) => ({ changeSet, state, version: state })),
    // Asked for anew whenever the set is another one.
    ...(waiting === undefined ? [] : [{ changeSet: waiting.id, state: 'waiting' as const, version: JSON.stringify(waiting.files.map(({ path, insertions, deletions, excluded }) => [path, insertions, deletions, excluded])) }]),
  ];
  return (
    <>
      {sets.map(({ changeSet, state, version }) => (
        <div class="reviewed" key={changeSet}>
          <p class="why">{words[state]}</p>
          <DifferencesOf run={trace.id} changeSet={changeSet} version={version} isWaiting={state === 'waiting'} />
        </div>
      ))}
    </>
  );
}

function DifferencesOf({ run, changeSet, version, isWaiting }: { readonly run: RunId; readonly changeSet: ChangeSetId; readonly version: string; readonly isWaiting: boolean }) {
  const [found, setFound] = useState<Differences>();
  const [all, setAll] = useState(false);
  useEffect(() => {
    const stop = onMessage((message) => {
      if (message.type === 'differences' && message.changeSet === changeSet) setFound(message.differences);
    });
    send({ type: 'differences', run, changeSet });
    return stop;
  }, [run, changeSet, version]);
  if (found === undefined) return <p class="muted">Comparing…</p>;
  const lines = found.files.flatMap((file) => file.hunks).reduce((sum, hunk) => sum + hunk.lines.length, 0);
  const isShort = found.files.length <= openFiles && lines <= openLines;
  const files = all ? found.files : found.files.slice(0, listedAtFirst);
  return (
    <>
      {found.note !== undefined && <p class="why">{found.note}</p>}
      <ul class="differences" aria-label="Changed files">
        {files.map((file) => (
          <FileItem key={file.path} diff={file} open={isShort} onOpen={file.kind === 'deleted' && !isWaiting ? undefined : () => send({ type: 'openFile', path: file.path, ...(isWaiting && { changeSet }) })} />
        ))}
      </ul>
      {files.length < found.files.length && (
        <button type="button" class="link" onClick={() => setAll(true)}>
          Show all {found.files.length.toLocaleString('en')} files
        </button>
      )}
    </>
  );
}

/** One file, folded to its name. */
function FileItem({ diff, open: atFirst, onOpen }: { readonly diff: FileDiff; readonly open: boolean; readonly onOpen?: () => void }) {
  const [open, setOpen] = useState(atFirst);
  return (
    <li class="file-diff">
      <div class="file-row">
        <button type="button" class="file-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name={open ? 'chevron-down' : 'chevron-right'} />
          <FileDiffHead diff={diff} />
        </button>
        {onOpen !== undefined && (
          <button type="button" class="icon" aria-label={`Open ${diff.path}`} title="Open the file" onClick={onOpen}>
            <Icon name="go-to-file" />
          </button>
        )}
      </div>
      {open && diff.note !== undefined && <p class="why">{diff.note}</p>}
      {open && <Hunks hunks={diff.hunks} label={`Lines of ${diff.path}`} />}
    </li>
  );
}
