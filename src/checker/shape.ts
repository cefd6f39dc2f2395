import * as ts from 'typescript';

/** A finding about the text itself, in offsets of the submitted text. */
export interface Problem {
  readonly start: number;
  readonly end: number;
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly message: string;
}

/** A script made ready for TypeScript. The file checked is `prefix + text + suffix`; `text` is as long as what was submitted. */
export interface Shape {
  readonly dialect: 'module' | 'body';
  readonly text: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly problems: readonly Problem[];
  readonly entry: Entry;
}

/** How the sandbox gets from the end of the script to its result. */
export type Entry =
  /** A body returns by itself. */
  | { readonly kind: 'return' }
  /** A function of this name is called with `params`. */
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'none' };

/** Parses a script; parents are set once it is bound. */
export function parse(text: string, name = '/script.ts'): ts.SourceFile {
  return ts.createSourceFile(
    name,
    text,
    {
      languageVersion: ts.ScriptTarget.ESNext,
      jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
      // Always a module, so that `await` at the top is what it looks like.
      setExternalModuleIndicator: (file) => {
        (file as { externalModuleIndicator?: unknown }).externalModuleIndicator = true;
      },
    },
    false,
    ts.ScriptKind.TS,
  );
}

export function parseDiagnostics(file: ts.SourceFile): readonly ts.DiagnosticWithLocation[] {
  return (file as unknown as { readonly parseDiagnostics: readonly ts.DiagnosticWithLocation[] }).parseDiagnostics;
}

/** Reads what kind of script a text is; what surrounds a script but is none of it is blanked. */
export function readShape(source: string): Shape {
  const text = withoutWrapping(source);
  const body: Shape = { dialect: 'body', text, prefix: 'async function $script(){', suffix: '\n}', problems: [], entry: { kind: 'return' } };
  if (!/\b(?:import|export)\b/.test(text)) return body;

  const file = parse(text);
  const isModule = file.statements.some(isExport);
  const imports = file.statements.filter(ts.isImportDeclaration);
  const blanked = imports.length === 0 ? { text, problems: [], suffix: '' } : withoutImports(file, text, imports);
  if (!isModule) return { ...body, text: blanked.text, problems: blanked.problems, suffix: `${blanked.suffix}\n}` };
  return { dialect: 'module', text: blanked.text, prefix: '', suffix: blanked.suffix, problems: blanked.problems, entry: { kind: 'none' } };
}

function isExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement) || ts.isExportDeclaration(statement)) return true;
  return ts.canHaveModifiers(statement) && (ts.getModifiers(statement) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword);
}

/** Blanks a byte order mark, a hashbang and a Markdown code fence around everything. */
function withoutWrapping(source: string): string {
  let text = source.startsWith('\uFEFF') ? ` ${source.slice(1)}` : source;
  text = text.replace(/^ ?#!.*/, blank);
  const fence = /^(\s*)(```|~~~)([^\r\n`]*)(\r\n|\n|\r)/.exec(text);
  if (fence !== null) {
    const [opening, , mark = '```'] = fence;
    const closing = new RegExp(`(^|[\\r\\n])[ \\t]*${mark}[ \\t]*\\s*$`).exec(text.slice(opening.length));
    text = blank(opening) + text.slice(opening.length);
    if (closing !== null) text = text.slice(0, opening.length + closing.index) + blank(text.slice(opening.length + closing.index));
  }
  return text;
}

/** The same number of UTF-16 units and the same lines, nothing else. */
export function blank(text: string): string {
  return text.replace(/[^\r\n]/g, ' ');
}

/**
 * Takes imports out: those of types are tolerated, their names count as `any`; all others are errors, and their
 * names too count as `any` so that one mistake is reported once.
 */
function withoutImports(file: ts.SourceFile, text: string, imports: readonly ts.ImportDeclaration[]): { text: string; problems: Problem[]; suffix: string } {
  const problems: Problem[] = [];
  const suffix: string[] = [];
  let result = text;
  for (const node of imports) {
    const [start, end] = [node.getStart(file), node.end];
    result = result.slice(0, start) + blank(result.slice(start, end)) + result.slice(end);
    const clause = node.importClause;
    const bindings = clause?.namedBindings;
    const elements = bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements : [];
    const onlyTypes = clause !== undefined && (clause.phaseModifier === ts.SyntaxKind.TypeKeyword || (clause.name === undefined && elements.length > 0 && elements.every((element) => element.isTypeOnly)));
    const specifier = ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : '';
    problems.push(
      onlyTypes
        ? { start, end, severity: 'warning', code: 'codemode/import', message: `Types of '${specifier}' are not known here and count as any. The types of every server are global: write github.Issue, without an import.` }
        : { start, end, severity: 'error', code: 'codemode/import', message: `A script cannot import '${specifier}'. Everything it can use is global: the servers, codemode, console and standard JavaScript.` },
    );
    const names = [clause?.name, ...elements.map((element) => element.name), bindings !== undefined && ts.isNamespaceImport(bindings) ? bindings.name : undefined];
    for (const name of names) {
      if (name === undefined) continue;
      suffix.push(`type ${name.text}=any;`);
      if (!onlyTypes) suffix.push(`declare const ${name.text}:any;`);
    }
  }
  return { text: result, problems, suffix: suffix.length === 0 ? '' : `\n${suffix.join('')}` };
}
