import { existsSync } from 'node:fs';
import path from 'node:path';
import type * as ts from 'typescript';
import type { ResultFile } from './judgement.js';

export type TypeScript = typeof ts;

/** The files on disk with those of a result over them. */
export class Overlay {
  private readonly texts = new Map<string, string | undefined>();
  private readonly directories = new Set<string>();

  constructor(private readonly api: TypeScript, files: readonly ResultFile[]) {
    for (const { absolute, text } of files) {
      const name = normal(absolute);
      this.texts.set(this.key(name), text);
      if (text === undefined) continue;
      for (let above = path.posix.dirname(name); !this.directories.has(this.key(above)); above = path.posix.dirname(above)) this.directories.add(this.key(above));
    }
  }

  has(name: string): boolean {
    return this.texts.has(this.key(name));
  }

  fileExists(name: string): boolean {
    return this.has(name) ? this.texts.get(this.key(name)) !== undefined : this.api.sys.fileExists(name);
  }

  readFile(name: string): string | undefined {
    return this.has(name) ? this.texts.get(this.key(name)) : this.api.sys.readFile(name);
  }

  directoryExists(name: string): boolean {
    return this.directories.has(this.key(name)) || this.api.sys.directoryExists(name);
  }

  /** When the text of a file was last another one, as far as this process can tell. */
  versionOf(name: string): string {
    if (this.has(name)) return `staged ${this.api.sys.createHash?.(this.texts.get(this.key(name)) ?? '') ?? this.texts.get(this.key(name)) ?? ''}`;
    return `${this.api.sys.getModifiedTime?.(name)?.getTime() ?? 0} ${this.api.sys.getFileSize?.(name) ?? 0}`;
  }

  private key(name: string): string {
    return this.api.sys.useCaseSensitiveFileNames ? normal(name) : normal(name).toLowerCase();
  }
}

export function normal(absolute: string): string {
  return absolute.replaceAll('\\', '/');
}

/** The configuration that governs a file: the nearest, or the one it refers to that takes the file in. */
export function configFor(api: TypeScript, overlay: Overlay, file: string): { readonly path: string; readonly parsed: ts.ParsedCommandLine } | undefined {
  for (let directory = path.posix.dirname(normal(file)); ; directory = path.posix.dirname(directory)) {
    for (const name of ['tsconfig.json', 'jsconfig.json']) {
      const config = `${directory}/${name}`;
      if (!overlay.fileExists(config)) continue;
      const parsed = parseConfig(api, overlay, config);
      if (parsed === undefined) return undefined;
      const referred = (parsed.projectReferences ?? []).map((reference) => api.resolveProjectReferencePath(reference)).filter((one) => overlay.fileExists(one));
      if (takes(parsed, file) || referred.length === 0) return { path: config, parsed };
      for (const one of referred) {
        const other = parseConfig(api, overlay, one);
        if (other !== undefined && takes(other, file)) return { path: one, parsed: other };
      }
      return { path: config, parsed };
    }
    if (directory === path.posix.dirname(directory)) return undefined;
  }
}

function takes(parsed: ts.ParsedCommandLine, file: string): boolean {
  return parsed.fileNames.some((name) => normal(name) === normal(file));
}

function parseConfig(api: TypeScript, overlay: Overlay, config: string): ts.ParsedCommandLine | undefined {
  const read = api.readConfigFile(config, (name) => overlay.readFile(name));
  if (read.config === undefined) return undefined;
  const host: ts.ParseConfigHost = {
    useCaseSensitiveFileNames: api.sys.useCaseSensitiveFileNames,
    fileExists: (name) => overlay.fileExists(name),
    readFile: (name) => overlay.readFile(name),
    readDirectory: (...args) => api.sys.readDirectory(...args),
  };
  return api.parseJsonConfigFileContent(read.config, host, path.posix.dirname(config), undefined, config);
}

/** Where the standard library of a project's own TypeScript is, else of the one that checks. */
export function libDirectory(config: string, fallback: string): string {
  for (let directory = path.posix.dirname(config); ; directory = path.posix.dirname(directory)) {
    const own = `${directory}/node_modules/typescript/lib`;
    if (existsSync(`${own}/lib.es5.d.ts`)) return own;
    if (directory === path.posix.dirname(directory)) return fallback;
  }
}
