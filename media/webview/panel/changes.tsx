import { useState } from 'preact/hooks';
import type { ChangesHeading, ProblemLine, StagedFileHeading } from '../../../src/views/panel/protocol.js';
import { Icon } from './icon.js';
import { send } from './host.js';
import { many } from './many.js';

const letters = { modified: 'M', added: 'A', deleted: 'D', renamed: 'R' } as const;
const shownFiles = 12;
const shownDone = 6;

/** A change set that waits: nothing of it has touched the workspace. */
export function Changes({ changes, titled }: { readonly changes: ChangesHeading; readonly titled: boolean }) {
  const [all, setAll] = useState(false);
  const files = all ? changes.files : changes.files.slice(0, shownFiles);
  const id = `changes-${changes.id}`;
  return (
    <section class="card changes" aria-labelledby={id}>
      <h2 id={id}>
        <Icon name="diff-multiple" />
        {changes.waiting}
      </h2>
      {titled && <p class="why">{changes.title}</p>}
      {changes.checkpoint !== undefined && (
        <p class="why">
          <Icon name="debug-pause" /> {changes.checkpoint} The script goes on once these are applied.
        </p>
      )}
      {changes.commits.map((commit, index) => (
        <p class="commit" key={index}>
          <Icon name="git-commit" />
          <span>
            {commit.message.split('\n')[0]} <span class="muted">{many(commit.files, 'file')}</span>
            {commit.own.length > 0 && <span class="muted">, with your own changes of {listed(commit.own)}</span>}
          </span>
        </p>
      ))}
      {changes.branches.map((branch) => (
        <p class="commit" key={branch}>
          <Icon name="git-branch" />
          <span>{branch}</span>
        </p>
      ))}
      <Others icon="checklist" what="In the index" paths={changes.indexed} />
      <Others icon="folder" what="Removed, if empty" paths={changes.directories} />
      <ul class="files">
        {files.map((file) => (
          <FileRow key={file.path} file={file} changes={changes} />
        ))}
      </ul>
      {changes.broken.map((file) => (
        <div class="broken" key={file.path}>
          <p>
            <Icon name="error" /> Would break <code>{file.path}</code>, which is not among the changes:
          </p>
          <Problems problems={file.problems} />
        </div>
      ))}
      {files.length < changes.files.length && (
        <button type="button" class="link" onClick={() => setAll(true)}>
          Show all {changes.files.length.toLocaleString('en')} files
        </button>
      )}
      <Done done={changes.done} />
      <div class="buttons">
        <button type="button" class="button primary" disabled={changes.applying} onClick={() => send({ type: 'review', changeSet: changes.id })}>
          Review Changes
        </button>
        <button type="button" class="button" disabled={changes.applying} onClick={() => send({ type: 'apply', changeSet: changes.id })}>
          {changes.applying ? 'Applying…' : 'Apply'}
        </button>
        <button type="button" class="button" disabled={changes.applying} onClick={() => send({ type: 'discard', changeSet: changes.id })}>
          Discard
        </button>
      </div>
    </section>
  );
}

/** The first of many, and how many more there are. */
function listed(paths: readonly string[]): string {
  const left = paths.length - shownDone;
  return `${paths.slice(0, shownDone).join(', ')}${left > 0 ? ` and ${left.toLocaleString('en')} more` : ''}`;
}

/** What Apply does to no file, in a line. */
function Others({ icon, what, paths }: { readonly icon: string; readonly what: string; readonly paths: readonly string[] }) {
  if (paths.length === 0) return null;
  return (
    <p class="commit">
      <Icon name={icon} />
      <span>
        <span class="muted">{what}:</span> {listed(paths)}
      </span>
    </p>
  );
}

/** What has happened already, whatever becomes of the rest. */
function Done({ done }: Pick<ChangesHeading, 'done'>) {
  if (done.length === 0) return null;
  const left = done.length - shownDone;
  return (
    <p class="why">
      <Icon name="pass" /> Already done, and not taken back by Discard or Undo:{' '}
      {done.slice(0, shownDone).map(({ name, times }, index) => (
        <span key={name}>
          {index > 0 && ', '}
          <code>{name}</code>
          {times > 1 && ` ${times.toLocaleString('en')}×`}
        </span>
      ))}
      {left > 0 && ` and ${left.toLocaleString('en')} more`}
    </p>
  );
}

function Problems({ problems }: { readonly problems: readonly ProblemLine[] }) {
  return (
    <ul class="problems">
      {problems.map((problem) => (
        <li key={`${problem.line} ${problem.message}`}>
          <Icon name={problem.severity} label={problem.severity} /> <span class="muted">line {problem.line}:</span> {problem.message}
        </li>
      ))}
    </ul>
  );
}

function FileRow({ file, changes }: { readonly file: StagedFileHeading; readonly changes: ChangesHeading }) {
  return (
    <li class={`file file-${file.kind}${file.excluded ? ' excluded' : ''}`}>
      <input
        type="checkbox"
        checked={!file.excluded}
        disabled={changes.applying}
        aria-label={`Include ${file.path} in Apply`}
        title={file.excluded ? 'Left out of Apply' : 'Included in Apply'}
        onChange={(event) => send({ type: 'include', changeSet: changes.id, path: file.path, included: event.currentTarget.checked })}
      />
      <button type="button" class="file-name" title={file.from === undefined ? file.path : `${file.from} → ${file.path}`} onClick={() => send({ type: 'openFile', changeSet: changes.id, path: file.path })}>
        <bdi>{file.path}</bdi>
      </button>
      <span class="file-counts">
        {file.binary ? (
          <span class="muted">binary</span>
        ) : (
          <>
            {file.insertions > 0 && <span class="inserted">+{file.insertions}</span>}
            {file.deletions > 0 && <span class="deleted">−{file.deletions}</span>}
          </>
        )}
      </span>
      <span class="file-letter" title={file.kind}>
        {letters[file.kind]}
      </span>
      {file.result !== undefined && (
        <div class="file-result">
          <span class={(file.problems ?? []).length > 0 ? 'found' : 'muted'}>{file.result}</span>
          {(file.problems ?? []).length > 0 && <Problems problems={file.problems ?? []} />}
        </div>
      )}
    </li>
  );
}
