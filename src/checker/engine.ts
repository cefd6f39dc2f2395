import * as ts from 'typescript';
import type { CheckResult, Reach, ScriptDiagnostic, ScriptPosition, TypingsFile } from './checker.js';
import { ofPlaces, readDiagnostics } from './diagnostics.js';
import { erase } from './erase.js';
import { globalsText, libText } from './lib.js';
import { outlineOf } from './outline.js';
import { Positions } from './positions.js';
import { ScriptProgram } from './program.js';
import type { CheckerGlobals } from './protocol.js';
import { readReach } from './reach.js';
import type { Reading } from './reading.js';
import { parse, parseDiagnostics, readShape, type Problem, type Shape } from './shape.js';
import { ToolDeclarations } from './tools.js';
import { warmingScript } from './warmth.js';
import { readWarnings } from './warnings.js';

/** The longest script that is looked at, in UTF-16 units: far above what the sandbox takes. */
const longest = 1_000_000;
/** Declarations parsed before any script names them, in characters. */
const aheadLimit = 1_500_000;
const mostDiagnostics = 500;
const noReach: Reach = { entries: [], dynamic: [] };

/** A check that was called off. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

export interface Checked {
  readonly result: CheckResult;
  /** TypeScript was thrown out of its way: what it holds is not to be trusted further. */
  readonly worn: boolean;
}

/** Checks one script after another; runs wherever it is put, which should not be a thread that others wait for. */
export class Engine {
  private readonly program: ScriptProgram;
  private warmed = false;

  constructor(libDirectory: string, globals: CheckerGlobals) {
    this.program = new ScriptProgram(libText(libDirectory, globals.removed), globalsText(globals));
  }

  setTypings(changed: readonly TypingsFile[], removed: readonly string[]): void {
    this.program.setTypings(changed, removed);
  }

  /** Loads what the first check would have to wait for. */
  warm(): void {
    for (let turn = 0; turn < 3; turn++) this.check(this.warmingScript());
    this.warmed = true;
  }

  /** Makes ready again what a change of the typings, or many scripts, have made stale. */
  refresh(): void {
    if (this.warmed && !this.program.stands) this.check(this.warmingScript());
  }

  /** @throws {Cancelled} once `cancelled` says so. */
  check(source: string, cancelled: () => boolean = () => false): Checked {
    if (source.length > longest) {
      return refused('codemode/too-long', `The script has ${source.length.toLocaleString('en-US')} characters; at most ${longest.toLocaleString('en-US')} are checked. Fetch data with tools instead of writing it into the script.`);
    }
    try {
      return this.read(source, cancelled);
    } catch (error) {
      this.program.reset();
      if (error instanceof Cancelled) throw error;
      if (error instanceof RangeError) {
        return { ...refused('codemode/too-deep', 'The script is nested too deeply to be checked. Split its expressions into smaller ones.'), worn: true };
      }
      throw error;
    }
  }

  private warmingScript(): string {
    // Names that are no identifiers cannot be written in a script, nor then in this one.
    return warmingScript(this.program.ahead(aheadLimit).filter((namespace) => /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(namespace)));
  }

  private read(source: string, cancelled: () => boolean): Checked {
    const shape = readShape(source);
    const positions = new Positions(source);
    const file = this.program.parse(shape.prefix + shape.text + shape.suffix);
    const broken = syntaxErrors(file, shape, positions);
    if (broken !== undefined) {
      return { result: { ok: false, diagnostics: limited([...problemsOf(shape.problems, positions), ...broken]), reach: noReach, dialect: shape.dialect, code: '' }, worn: false };
    }
    const bound = this.program.bind(file);
    const token: ts.CancellationToken = {
      isCancellationRequested: cancelled,
      throwIfCancellationRequested: () => {
        if (cancelled()) throw new Cancelled();
      },
    };
    const errors = bound.diagnostics(token);
    const { checker } = bound;
    const tools = new ToolDeclarations(checker, bound.declarations, (declarations) => this.program.namespaceOf(declarations));
    const outline = outlineOf(file);
    const erased = erase(file, shape, outline);
    const reading: Reading = { file, outline, checker, tools, positions, offset: shape.prefix.length, length: shape.text.length, namespaces: this.program.namespaces };
    const said = problemsOf(erased.problems, positions);
    const diagnostics = [
      ...problemsOf(shape.problems, positions),
      ...said,
      ...readDiagnostics(errors, reading).filter((error) => !isSaid(error, said)),
      ...readWarnings(reading),
    ].sort((a, b) => a.line - b.line || a.column - b.column);
    const ok = !diagnostics.some((diagnostic) => diagnostic.severity === 'error');
    return { result: { ok, diagnostics: limited(diagnostics), reach: readReach(reading), dialect: shape.dialect, code: erased.code }, worn: false };
  }
}

function refused(code: string, message: string): Checked {
  const diagnostic: ScriptDiagnostic = { severity: 'error', code, message, line: 1, column: 1, end: { line: 1, column: 1 } };
  return { result: { ok: false, diagnostics: [diagnostic], reach: noReach, dialect: 'body', code: '' }, worn: false };
}

/** `undefined` where the script parses. */
function syntaxErrors(file: ts.SourceFile, shape: Shape, positions: Positions): readonly ScriptDiagnostic[] | undefined {
  const ours = parseDiagnostics(file);
  if (shape.dialect === 'module') return ours.length === 0 ? undefined : ours.map((error) => syntaxError(error, 0, positions));
  const only = file.statements.length === 1 ? file.statements[0] : undefined;
  if (ours.length === 0 && only?.end === file.text.length) return undefined;
  // A brace too many or too few makes nonsense of the wrapped text: the text alone says what is wrong.
  const alone = parseDiagnostics(parse(shape.text));
  if (alone.length > 0) return alone.map((error) => syntaxError(error, 0, positions));
  if (ours.length > 0) return ours.map((error) => syntaxError(error, shape.prefix.length, positions));
  return [{ severity: 'error', code: 'TS1128', message: 'Declaration or statement expected.', ...positions.at(0), end: positions.at(0) }];
}

function syntaxError(error: ts.DiagnosticWithLocation, offset: number, positions: Positions): ScriptDiagnostic {
  return {
    severity: 'error',
    code: `TS${String(error.code)}`,
    message: ts.flattenDiagnosticMessageText(error.messageText, '\n'),
    ...positions.at(error.start - offset),
    end: positions.at(error.start + error.length - offset),
  };
}

function isSaid(error: ScriptDiagnostic, said: readonly ScriptDiagnostic[]): boolean {
  const isBefore = (one: ScriptPosition, other: ScriptPosition): boolean => one.line < other.line || (one.line === other.line && one.column <= other.column);
  return ofPlaces.has(error.code) && said.some((problem) => isBefore(problem, error) && isBefore(error, problem.end));
}

function problemsOf(problems: readonly Problem[], positions: Positions): ScriptDiagnostic[] {
  return problems.map(({ start, end, severity, code, message }) => ({ severity, code, message, ...positions.at(start), end: positions.at(end) }));
}

function limited(diagnostics: readonly ScriptDiagnostic[]): readonly ScriptDiagnostic[] {
  if (diagnostics.length <= mostDiagnostics) return diagnostics;
  const rest = diagnostics.slice(mostDiagnostics);
  const next = rest[0];
  if (next === undefined) return diagnostics;
  const severity = rest.some((diagnostic) => diagnostic.severity === 'error') ? 'error' : 'warning';
  return [...diagnostics.slice(0, mostDiagnostics), { ...next, severity, code: 'codemode/more', message: `And ${String(rest.length)} more from here on.` }];
}
