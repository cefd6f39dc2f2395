import path from 'node:path';
import type * as ts from 'typescript';
import { isJson, judgeJson } from './json.js';
import type { FileJudgement, Judgement, ResultFile, ResultProblem } from './judgement.js';
import { configFor, libDirectory, normal, Overlay, type TypeScript } from './project.js';

/** Of a project with more source files than this, only what is staged is checked: all of it would take too long. */
const mostSources = 400;
const mostProblems = 100;
const code = /\.([cm]?ts|tsx|[cm]?js|jsx)$/i;
const declaration = /\.d\.[cm]?ts$/i;

/** Judges results with one TypeScript; what it has read of a project is kept for the next. */
export class Judge {
  private readonly sources = new Map<string, { readonly version: string; readonly file: ts.SourceFile | undefined }>();

  constructor(
    private readonly api: TypeScript,
    /** Folder of its own `lib.*.d.ts`. */
    private readonly lib: string,
  ) {}

  judge(files: readonly ResultFile[]): Judgement {
    const overlay = new Overlay(this.api, files);
    const judged: FileJudgement[] = [];
    const broken: Judgement['broken'][number][] = [];
    const projects = new Map<string, { readonly config: ReturnType<typeof configFor> & object; readonly files: ResultFile[] }>();
    for (const file of files) {
      const config = code.test(file.absolute) ? configFor(this.api, overlay, file.absolute) : undefined;
      if (config !== undefined) {
        const project = projects.get(config.path) ?? { config, files: [] };
        projects.set(config.path, project);
        project.files.push(file);
      } else if (file.text !== undefined) {
        judged.push(this.alone({ absolute: file.absolute, text: file.text }));
      }
    }
    for (const project of projects.values()) {
      const found = this.project(project.config, project.files, overlay);
      judged.push(...found.files);
      broken.push(...found.broken);
    }
    return { files: judged, broken };
  }

  /** What can be said of a file that belongs to no project. */
  private alone({ absolute, text }: Required<ResultFile>): FileJudgement {
    if (isJson(absolute)) return judgeJson(absolute, text);
    if (!code.test(absolute)) return { absolute, status: 'notChecked', reason: `Nothing here checks ${path.extname(absolute) || 'such'} files.` };
    return { absolute, status: 'checked', depth: 'syntax', problems: this.syntax(absolute, text) };
  }

  private syntax(absolute: string, text: string): readonly ResultProblem[] {
    const { api } = this;
    const { diagnostics = [] } = api.transpileModule(text, { fileName: normal(absolute), reportDiagnostics: true, compilerOptions: { jsx: api.JsxEmit.Preserve, target: api.ScriptTarget.ESNext, module: api.ModuleKind.ESNext, allowJs: true } });
    return diagnostics.filter((one) => one.file !== undefined).slice(0, mostProblems).map((one) => this.problem(one));
  }

  private project(config: { readonly path: string; readonly parsed: ts.ParsedCommandLine }, files: readonly ResultFile[], overlay: Overlay): Judgement {
    const present = files.filter((file): file is Required<ResultFile> => file.text !== undefined);
    const mayHold = (file: ResultFile): boolean => /\.([cm]?ts|tsx)$/i.test(file.absolute) || config.parsed.options.allowJs === true;
    const roots = [...new Set([...config.parsed.fileNames.filter((name) => overlay.fileExists(name)), ...present.filter(mayHold).map((file) => normal(file.absolute))])];
    const program = this.program(config, roots, overlay);
    if (program.getGlobalDiagnostics().some((one) => one.code === 2318)) {
      return { files: present.map(({ absolute, text }) => ({ absolute, status: 'checked', depth: 'syntax', problems: this.syntax(absolute, text) })), broken: [] };
    }
    const judged = present.map((file): FileJudgement => {
      const source = program.getSourceFile(normal(file.absolute));
      if (source === undefined) return this.alone(file);
      return { absolute: file.absolute, status: 'checked', depth: 'types', problems: this.problemsOf(program, source) };
    });
    return { files: judged, broken: this.brokenElsewhere(config, program, overlay) };
  }

  /** Problems of files that are not staged, where they are new. */
  private brokenElsewhere(config: { readonly path: string; readonly parsed: ts.ParsedCommandLine }, program: ts.Program, overlay: Overlay): Judgement['broken'] {
    const own = program.getSourceFiles().filter((file) => !overlay.has(file.fileName) && !declaration.test(file.fileName) && !file.fileName.includes('/node_modules/'));
    if (own.length > mostSources) return [];
    const suspects = own.map((file) => ({ file, problems: this.problemsOf(program, file) })).filter(({ problems }) => problems.some((one) => one.severity === 'error'));
    if (suspects.length === 0) return [];
    const before = this.program(config, config.parsed.fileNames.filter((name) => this.api.sys.fileExists(name)), new Overlay(this.api, []));
    return suspects.flatMap(({ file, problems }) => {
      const source = before.getSourceFile(file.fileName);
      const known = new Set(source === undefined ? [] : this.problemsOf(before, source).map(identity));
      const fresh = problems.filter((one) => one.severity === 'error' && !known.has(identity(one)));
      return fresh.length > 0 ? [{ absolute: path.normalize(file.fileName), problems: fresh }] : [];
    });
  }

  private program(config: { readonly path: string; readonly parsed: ts.ParsedCommandLine }, rootNames: readonly string[], overlay: Overlay): ts.Program {
    const { api } = this;
    const options: ts.CompilerOptions = { ...config.parsed.options, noEmit: true, incremental: false, composite: false, tsBuildInfoFile: undefined };
    const lib = libDirectory(config.path, this.lib);
    const host = api.createCompilerHost(options);
    return api.createProgram({
      rootNames,
      options,
      ...(config.parsed.projectReferences !== undefined && { projectReferences: config.parsed.projectReferences }),
      host: {
        ...host,
        fileExists: (name) => overlay.fileExists(name),
        readFile: (name) => overlay.readFile(name),
        directoryExists: (name) => overlay.directoryExists(name),
        getDefaultLibLocation: () => lib,
        getDefaultLibFileName: (wanted) => `${lib}/${api.getDefaultLibFileName(wanted)}`,
        getSourceFile: (name, languageVersionOrOptions) => this.source(name, languageVersionOrOptions, overlay),
      },
    });
  }

  private source(name: string, options: ts.ScriptTarget | ts.CreateSourceFileOptions, overlay: Overlay): ts.SourceFile | undefined {
    const key = `${name}\n${JSON.stringify(options)}`;
    const version = overlay.versionOf(name);
    const known = this.sources.get(key);
    if (known?.version === version) return known.file;
    const text = overlay.readFile(name);
    const file = text === undefined ? undefined : this.api.createSourceFile(name, text, options, true);
    this.sources.set(key, { version, file });
    return file;
  }

  private problemsOf(program: ts.Program, source: ts.SourceFile): readonly ResultProblem[] {
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.filter((one) => one.category === this.api.DiagnosticCategory.Error || one.category === this.api.DiagnosticCategory.Warning).slice(0, mostProblems).map((one) => this.problem(one));
  }

  private problem(diagnostic: ts.Diagnostic): ResultProblem {
    const { api } = this;
    const start = diagnostic.start ?? 0;
    const at = (offset: number): ts.LineAndCharacter => (diagnostic.file === undefined ? { line: 0, character: 0 } : api.getLineAndCharacterOfPosition(diagnostic.file, offset));
    const [from, to] = [at(start), at(start + (diagnostic.length ?? 0))];
    return {
      severity: diagnostic.category === api.DiagnosticCategory.Error ? 'error' : 'warning',
      message: api.flattenDiagnosticMessageText(diagnostic.messageText, '\n'),
      code: `TS${diagnostic.code}`,
      line: from.line + 1,
      column: from.character + 1,
      endLine: to.line + 1,
      endColumn: to.character + 1,
    };
  }
}

/** What makes two problems the same although lines have moved. */
function identity({ code: number, message, column }: ResultProblem): string {
  return `${number} ${column} ${message}`;
}
