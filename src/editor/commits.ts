import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { findGit } from './executables.js';

const scheme = 'codemode-commit';
const run = promisify(execFile);

/** Address of a commit as a document: its message and its diff. */
export function commitUri(repository: string, sha: string): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/${sha.slice(0, 8)}.diff`, query: JSON.stringify({ repository, sha }) });
}

/** Shows commits as documents, so that an answer can link to what it made. */
export function registerCommits(): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(scheme, {
    async provideTextDocumentContent(uri) {
      const { repository, sha } = JSON.parse(uri.query) as { repository: string; sha: string };
      if (!/^[0-9a-f]{7,64}$/.test(sha)) return 'This is not the hash of a commit.';
      try {
        const { stdout } = await run(await findGit(), ['show', '--stat', '--patch', '--no-color', '--no-ext-diff', '--no-textconv', sha], { cwd: repository, maxBuffer: 64 * 1024 * 1024 });
        return stdout;
      } catch {
        return `The commit ${sha} cannot be read: it may have been undone.`;
      }
    },
  });
}
