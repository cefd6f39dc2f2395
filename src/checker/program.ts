import ts from 'typescript';
import type { TypingsFile } from './checker.js';
import { scriptFile } from './shape.js';

const libFile = '/lib.d.ts';
const globalsFile = '/globals.d.ts';
const apiFolder = '/api/';
/** Parsed declarations kept in memory, in characters of text; a parsed file takes about 25 bytes for each. */
const parsedLimit = 6_000_000;

/**
 * How scripts are checked. Strict, but for what can only fail a first try: what a catch clause catches is `any`,
 * since everything the sandbox throws is an Error.
 */
const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  strict: true,
  useUnknownInCatchVariables: false,
  allowUnreachableCode: false,
  allowUnusedLabels: true,
  noLib: true,
  noResolve: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
};

/** The ambient library, the typings and the one script under check, as TypeScript programs that share what they can. */
export class ScriptProgram {
  private readonly texts = new Map<string, string>();
  /** Parsed files, least recently used first. */
  private readonly parsed = new Map<string, ts.SourceFile>();
  private readonly lib: ts.SourceFile;
  private readonly globals: ts.SourceFile;
  private previous: ts.Program | undefined;

  constructor(lib: string, globals: string) {
    this.lib = parseDeclarations(libFile, lib);
    this.globals = parseDeclarations(globalsFile, globals);
  }

  get namespaces(): Iterable<string> {
    return this.texts.keys();
  }

  /** Characters of declarations, by namespace. */
  get sizes(): readonly (readonly [namespace: string, length: number])[] {
    return [...this.texts].map(([namespace, text]) => [namespace, text.length]);
  }

  setTypings(changed: readonly TypingsFile[], removed: readonly string[]): void {
    for (const { namespace, text } of changed) {
      const wasParsed = this.parsed.delete(namespace);
      this.texts.set(namespace, text);
      // What scripts used before they will use again.
      if (wasParsed) this.fileOf(namespace);
    }
    for (const namespace of removed) {
      this.texts.delete(namespace);
      this.parsed.delete(namespace);
    }
  }

  /** The namespace whose declarations a file holds. */
  namespaceOf(file: ts.SourceFile): string | undefined {
    if (file === this.globals) return 'codemode';
    return file.fileName.startsWith(apiFolder) ? file.fileName.slice(apiFolder.length, -'.d.ts'.length) : undefined;
  }

  /** Forgets everything that earlier checks left behind, after one of them was thrown out of its way. */
  reset(): void {
    this.previous = undefined;
    this.parsed.clear();
  }

  /** A program of the script and of the declarations of those namespaces that it names. */
  of(script: ts.SourceFile): ts.Program {
    // TypeScript keeps every name of a parsed file, escapes resolved.
    const names = (script as unknown as { readonly identifiers: ReadonlyMap<string, string> }).identifiers;
    const named = [...names.keys()].filter((name) => this.texts.has(name)).sort();
    const files = new Map<string, ts.SourceFile>([
      [libFile, this.lib],
      [globalsFile, this.globals],
      [scriptFile, script],
    ]);
    for (const namespace of named) files.set(`${apiFolder}${namespace}.d.ts`, this.fileOf(namespace));
    const program = ts.createProgram({ rootNames: [...files.keys()], options: compilerOptions, host: hostOf(files), oldProgram: this.previous });
    this.previous = program;
    return program;
  }

  private fileOf(namespace: string): ts.SourceFile {
    let file = this.parsed.get(namespace);
    this.parsed.delete(namespace);
    file ??= parseDeclarations(`${apiFolder}${namespace}.d.ts`, this.texts.get(namespace) ?? '');
    this.parsed.set(namespace, file);
    let size = 0;
    for (const kept of this.parsed.values()) size += kept.text.length;
    for (const [oldest, kept] of this.parsed) {
      if (size <= parsedLimit || oldest === namespace) break;
      this.parsed.delete(oldest);
      size -= kept.text.length;
    }
    return file;
  }
}

function parseDeclarations(name: string, text: string): ts.SourceFile {
  return ts.createSourceFile(name, text, { languageVersion: ts.ScriptTarget.ESNext, jsDocParsingMode: ts.JSDocParsingMode.ParseNone }, false, ts.ScriptKind.TS);
}

/** A host that knows the given files and nothing else: no script can make the checker look at the disk. */
function hostOf(files: ReadonlyMap<string, ts.SourceFile>): ts.CompilerHost {
  return {
    getSourceFile: (name) => files.get(name),
    getDefaultLibFileName: () => libFile,
    writeFile: () => undefined,
    getCurrentDirectory: () => '/',
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    fileExists: (name) => files.has(name),
    readFile: (name) => files.get(name)?.text,
    directoryExists: () => false,
    getDirectories: () => [],
  };
}
