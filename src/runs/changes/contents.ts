import type { ChangeSet } from './changeSet.js';

/** What a change set holds, counted. */
interface Contents {
  readonly files: number;
  readonly commits: number;
  readonly branches: number;
  /** Entries of the index that are set beyond what commits hold. */
  readonly indexed: number;
  /** Directories to be removed in which no staged file stands. */
  readonly directories: number;
}

/** With `included`, less the files that are left out of Apply. */
export function contentsOf({ files, commits, branches, indexed, directories }: Pick<ChangeSet, 'files' | 'commits' | 'branches' | 'indexed' | 'directories'>, options: { readonly included: boolean } = { included: false }): Contents {
  return {
    files: options.included ? files.filter((file) => !file.excluded).length : files.length,
    commits: commits.length,
    branches: branches.length,
    indexed: indexed.length,
    directories: directories.length,
  };
}

/** Something in it waits for a decision: whatever shows what waits asks this, so that nothing staged is out of everybody's sight. */
export function holdsSomething(set: Parameters<typeof contentsOf>[0]): boolean {
  return total(contentsOf(set)) > 0;
}

/** Files of a commit that the set does not edit: what the developer changed in them goes into it, and no diff of the set shows that. */
export function ownFilesOf(commit: ChangeSet['commits'][number], { files }: Pick<ChangeSet, 'files'>): readonly string[] {
  const edited = new Set(files.flatMap((file) => [file.path, ...(file.from === undefined ? [] : [file.from.path])]));
  return commit.files.filter((path) => !edited.has(path));
}

const words: Readonly<Record<keyof Contents, readonly [one: string, many: string]>> = {
  files: ['file', 'files'],
  commits: ['commit', 'commits'],
  branches: ['branch', 'branches'],
  indexed: ['entry of the index', 'entries of the index'],
  directories: ['empty folder', 'empty folders'],
};

/** “2 files, 1 commit and 1 branch”; what there is none of is not named. */
export function contentsText(contents: Partial<Contents>): string {
  const parts = partsOf(contents);
  const last = parts.pop() ?? 'nothing';
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`;
}

/** What is neither file nor commit, in words; undefined where there is nothing of the kind. */
export function othersText({ branches, indexed, directories }: Contents): string | undefined {
  const others = { branches, indexed, directories };
  return partsOf(others).length === 0 ? undefined : contentsText(others);
}

/** “waits” or “wait”, after what {@link contentsText} says. */
export function waitsText(contents: Contents): 'waits' | 'wait' {
  return total(contents) === 1 ? 'waits' : 'wait';
}

function total({ files, commits, branches, indexed, directories }: Contents): number {
  return files + commits + branches + indexed + directories;
}

function partsOf(contents: Partial<Contents>): string[] {
  return (Object.keys(words) as (keyof Contents)[]).flatMap((kind) => {
    const count = contents[kind] ?? 0;
    return count === 0 ? [] : [`${count.toLocaleString('en')} ${words[kind][count === 1 ? 0 : 1]}`];
  });
}
