import * as ts from 'typescript';
import type { TypingsFile } from './checker.js';
import { parse } from './shape.js';

const libFile = '/lib.d.ts';
const globalsFile = '/globals.d.ts';
const apiFolder = '/api/';
/** Parsed declarations kept in memory, in characters of text; a parsed file takes about 25 bytes for each. */
const parsedLimit = 4_000_000;

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

/** Scripts checked before the checker is made anew: it remembers a little of each for ever. */
const mostScripts = 200;

/** What TypeScript has for every program and does not publish. */
interface InternalChecker extends ts.TypeChecker {
  getDiagnostics(file: ts.SourceFile, token?: ts.CancellationToken): ts.Diagnostic[];
}
declare module 'typescript' {
  function bindSourceFile(file: SourceFile, options: CompilerOptions): void;
}

interface Standing {
  readonly checker: InternalChecker;
  /** Namespaces whose declarations it knows. */
  readonly loaded: ReadonlySet<string>;
  scripts: number;
}

/** A script with the checker that knows it. */
export interface Bound {
  readonly file: ts.SourceFile;
  readonly checker: ts.TypeChecker;
  /** The declaration files of the namespaces it names, `codemode` included. */
  readonly declarations: readonly ts.SourceFile[];
  /** @throws whatever the token throws. */
  diagnostics(token: ts.CancellationToken): readonly ts.Diagnostic[];
}

/**
 * The ambient library, the typings and one script after another.
 *
 * A script is a module: nothing outside can see it, and it changes nothing outside. So one type checker serves many
 * of them, as it serves many modules of one program, and keeps what it learned about the library and the tools;
 * a new program for each script would learn all that again, at three times the cost of the check itself.
 */
export class ScriptProgram {
  private readonly texts = new Map<string, string>();
  /** Parsed files, least recently used first. */
  private readonly parsed = new Map<string, ts.SourceFile>();
  private readonly lib: ts.SourceFile;
  private readonly globals: ts.SourceFile;
  private standing: Standing | undefined;
  private scripts = 0;

  constructor(lib: string, globals: string) {
    this.lib = parseDeclarations(libFile, lib);
    this.globals = parseDeclarations(globalsFile, globals);
  }

  get namespaces(): Iterable<string> {
    return this.texts.keys();
  }

  /** Whether the next script will find a checker that knows all it knew before. */
  get stands(): boolean {
    return this.standing !== undefined && this.standing.scripts < mostScripts;
  }

  /** Namespaces to know ahead: those in use, then others, as far as there is room. */
  ahead(room: number): string[] {
    const names = new Set([...[...this.parsed.keys()].reverse(), ...this.texts.keys()]);
    let size = 0;
    return [...names].filter((name) => (size += this.texts.get(name)?.length ?? 0) <= room);
  }

  setTypings(changed: readonly TypingsFile[], removed: readonly string[]): void {
    for (const { namespace, text } of changed) this.texts.set(namespace, text);
    for (const namespace of removed) this.texts.delete(namespace);
    for (const namespace of [...changed.map((file) => file.namespace), ...removed]) {
      if (this.parsed.delete(namespace) && this.standing?.loaded.has(namespace) === true) this.standing = undefined;
    }
  }

  /** The namespace whose declarations a file holds. */
  namespaceOf(file: ts.SourceFile): string | undefined {
    if (file === this.globals) return 'codemode';
    return file.fileName.startsWith(apiFolder) ? file.fileName.slice(apiFolder.length, -'.d.ts'.length) : undefined;
  }

  /** Forgets everything that earlier checks left behind, after one of them was thrown out of its way. */
  reset(): void {
    this.standing = undefined;
  }

  parse(text: string): ts.SourceFile {
    // A name of its own: TypeScript keeps diagnostics by file name.
    return parse(text, `/script${String(++this.scripts)}.ts`);
  }

  /** Binds a script that parses and gives it the declarations of those namespaces that it names. */
  bind(file: ts.SourceFile): Bound {
    // TypeScript keeps every name of a parsed file, escapes resolved.
    const internal = file as unknown as { readonly identifiers: ReadonlyMap<string, string>; checkJsDirective?: unknown };
    // A prompt is named by two strings: the servers that have any are needed where prompts are spoken of.
    const prompts = internal.identifiers.has('prompts') ? [...this.texts].filter(([, text]) => text.includes('interface CodemodePromptArguments {')).map(([namespace]) => namespace) : [];
    const named = [...new Set([...[...internal.identifiers.keys()].filter((name) => this.texts.has(name)), ...prompts])];
    const standing = this.standingFor(named);
    standing.scripts++;
    // No script may ask not to be checked.
    internal.checkJsDirective = undefined;
    // What a program would have found out: a script refers to no other file.
    Object.assign(file, { path: file.fileName, resolvedPath: file.fileName, originalFileName: file.fileName, imports: [], moduleAugmentations: [], ambientModuleNames: [] });
    ts.bindSourceFile(file, compilerOptions);
    const { bindDiagnostics } = file as unknown as { readonly bindDiagnostics: readonly ts.Diagnostic[] };
    const declarations = named.map((namespace) => this.parsed.get(namespace)).filter((parsed) => parsed !== undefined);
    if (internal.identifiers.has('codemode')) declarations.push(this.globals);
    return { file, checker: standing.checker, declarations, diagnostics: (token) => [...bindDiagnostics, ...standing.checker.getDiagnostics(file, token)] };
  }

  private standingFor(named: readonly string[]): Standing {
    const known = this.standing;
    if (known !== undefined && this.stands && named.every((namespace) => known.loaded.has(namespace))) return known;
    const files = new Map<string, ts.SourceFile>([
      [libFile, this.lib],
      [globalsFile, this.globals],
    ]);
    // Those of earlier scripts stay known; the parsed ones are the recently used ones.
    for (const namespace of named) this.fileOf(namespace);
    for (const file of this.parsed.values()) files.set(file.fileName, file);
    const program = ts.createProgram({ rootNames: [...files.keys()], options: compilerOptions, host: hostOf(files) });
    this.standing = { checker: program.getTypeChecker() as InternalChecker, loaded: new Set(this.parsed.keys()), scripts: 0 };
    return this.standing;
  }

  private fileOf(namespace: string): void {
    const file = this.parsed.get(namespace) ?? parseDeclarations(`${apiFolder}${namespace}.d.ts`, this.texts.get(namespace) ?? '');
    this.parsed.delete(namespace);
    this.parsed.set(namespace, file);
    let size = 0;
    for (const kept of this.parsed.values()) size += kept.text.length;
    for (const [oldest, kept] of this.parsed) {
      if (size <= parsedLimit || oldest === namespace) break;
      this.parsed.delete(oldest);
      size -= kept.text.length;
    }
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
