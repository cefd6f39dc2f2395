import ts from 'typescript';
import path from 'node:path';
import { createRequire } from 'node:module';

/** One file of declarations with calls to judge. */
export interface Probe {
  readonly declarations: string;
  /** Statements, one line each. */
  readonly statements: readonly string[];
}

export interface Verdict {
  /** First error in the declarations themselves. */
  readonly broken?: string;
  /** Per statement: its first error, or `undefined` where it is accepted. */
  readonly errors: readonly (string | undefined)[];
}

const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  lib: ['lib.es2023.d.ts'],
  types: [],
  skipLibCheck: true,
};

const libDirectory = path.dirname(createRequire(import.meta.url).resolve('typescript'));
const libFiles = new Map<string, ts.SourceFile | undefined>();

/** Type-checks each probe as a module of its own, all in one program. TypeScript as the user has it: strict. */
export function judge(probes: readonly Probe[]): readonly Verdict[] {
  const files = new Map<string, string>();
  const starts: number[] = [];
  probes.forEach((probe, index) => {
    const head = `export {};\n${probe.declarations}\n`;
    starts.push(head.split('\n').length - 1);
    files.set(`/probe${index}.ts`, head + probe.statements.map((statement) => statement.replace(/[\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`)).join('\n'));
  });
  const program = programOf(files);
  return probes.map((probe, index) => {
    const file = program.getSourceFile(`/probe${index}.ts`)!;
    const errors = new Array<string | undefined>(probe.statements.length).fill(undefined);
    let broken: string | undefined;
    for (const diagnostic of [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]) {
      const line = file.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line - starts[index]!;
      const message = `TS${diagnostic.code} ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ').slice(0, 300)}`;
      if (line < 0) broken ??= message;
      else errors[line] ??= message;
    }
    return { broken, errors };
  });
}

/** Errors of declaration files that make one program of global scripts together. */
export function errorsOf(texts: readonly string[]): readonly string[] {
  const files = new Map(texts.map((text, index) => [`/server${index}.d.ts`, text]));
  const program = programOf(files, { ...options, skipLibCheck: false, skipDefaultLibCheck: true });
  return [...files.keys()].flatMap((name) => {
    const file = program.getSourceFile(name)!;
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      (one) => `${name}:${file.getLineAndCharacterOfPosition(one.start ?? 0).line + 1} TS${one.code} ${ts.flattenDiagnosticMessageText(one.messageText, ' ').slice(0, 300)}`,
    );
  });
}

function programOf(files: ReadonlyMap<string, string>, compilerOptions = options): ts.Program {
  const host: ts.CompilerHost = {
    fileExists: (name) => files.has(name),
    readFile: (name) => files.get(name),
    getSourceFile(name, target) {
      const text = files.get(name);
      if (text !== undefined) return ts.createSourceFile(name, text, target, true);
      if (!libFiles.has(name)) {
        const lib = ts.sys.readFile(name);
        libFiles.set(name, lib === undefined ? undefined : ts.createSourceFile(name, lib, target, true));
      }
      return libFiles.get(name);
    },
    getDefaultLibFileName: () => path.join(libDirectory, 'lib.es2023.d.ts'),
    getDefaultLibLocation: () => libDirectory,
    writeFile: () => undefined,
    getCurrentDirectory: () => '/',
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    directoryExists: () => false,
  };
  return ts.createProgram([...files.keys()], compilerOptions, host);
}
