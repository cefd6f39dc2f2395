import { existsSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';

const executable = async (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

/**
 * The ripgrep that VS Code ships; its place differs between versions, and an install without scripts has none.
 * @returns undefined where there is none, here or on PATH.
 */
export async function findRipgrep(): Promise<string | undefined> {
  const name = process.platform === 'win32' ? 'rg.exe' : 'rg';
  const modules = ['node_modules', 'node_modules.asar.unpacked'].map((folder) => path.join(vscode.env.appRoot, folder, '@vscode'));
  const shipped = modules.flatMap((folder) => [
    path.join(folder, 'ripgrep-universal', 'bin', `${process.platform}-${process.arch}`, name),
    path.join(folder, 'ripgrep', 'bin', name),
  ]);
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean).map((folder) => path.join(folder, name));
  for (const file of [...shipped, ...onPath]) if (await executable(file)) return file;
  return undefined;
}

/** What we use of the built-in git extension's API, version 1. */
interface GitExtension {
  getAPI(version: 1): { readonly git: { readonly path: string } };
}

/** The git executable the built-in extension found, else `git` of PATH. */
export async function findGit(): Promise<string> {
  try {
    const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
    const git = extension?.isActive === true ? extension.exports : await extension?.activate();
    return git?.getAPI(1).git.path ?? 'git';
  } catch {
    // The extension throws where git is disabled in the settings; git itself may still be there.
    return 'git';
  }
}

/** The TypeScript that VS Code brings for its own language features. */
export function findTypeScript(): string | undefined {
  return ['extensions/node_modules/typescript/lib/typescript.js', 'extensions/typescript-language-features/node_modules/typescript/lib/typescript.js']
    .map((place) => path.join(vscode.env.appRoot, place))
    .find((file) => existsSync(file));
}
