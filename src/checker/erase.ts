import * as ts from 'typescript';
import { blankSourceFile } from 'ts-blank-space';
import type { Outline } from './outline.js';
import { blank, type Entry, type Problem, type Shape } from './shape.js';

export interface Erased {
  /** JavaScript, as long as the submitted text apart from a call added after its end. */
  readonly code: string;
  readonly problems: readonly Problem[];
}

/** Blanks the types of a script that parses, and makes the exports of a module a body that calls its default. */
export function erase(file: ts.SourceFile, shape: Shape, outline: Outline): Erased {
  const offset = shape.prefix.length;
  const problems: Problem[] = [];
  const report = (node: ts.Node, code: string, message: string): void => {
    problems.push({ start: node.getStart(file) - offset, end: node.end - offset, severity: 'error', code, message });
  };
  const erased = blankSourceFile(file, (node) => {
    report(node, 'codemode/not-erasable', notErasable(node));
  });
  const edits: Edit[] = [];
  const entry = shape.dialect === 'module' ? moduleEntry(file, edits, report) : bodyEntry(file);
  for (const node of outline.foreign) {
    const { code, message } = notSupported(node);
    report(node, code, message);
  }
  const code = apply(erased, edits).slice(offset, offset + shape.text.length);
  return { code: entry.kind === 'named' ? `${code}\n;return await ${entry.name}(params);` : code, problems };
}

type Report = (node: ts.Node, code: string, message: string) => void;

interface Edit {
  readonly start: number;
  /** As long as what it replaces. */
  readonly text: string;
}

function apply(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const edit of edits) result = result.slice(0, edit.start) + edit.text + result.slice(edit.start + edit.text.length);
  return result;
}

function moduleEntry(file: ts.SourceFile, edits: Edit[], report: Report): Entry {
  const text = file.text;
  const name = ['$main', '$run_', '$exec', '$call', '$entr'].find((candidate) => !text.includes(candidate)) ?? '$main';
  let entry: Entry = { kind: 'none' };
  const cut = (node: ts.Node): void => {
    edits.push({ start: node.getStart(file), text: `;${blank(text.slice(node.getStart(file) + 1, node.end))}` });
  };
  const cutWord = (node: ts.Node): void => {
    edits.push({ start: node.getStart(file), text: ' '.repeat(node.end - node.getStart(file)) });
  };

  for (const statement of file.statements) {
    if (ts.isExportAssignment(statement)) {
      if (statement.isExportEquals === true) continue;
      const start = statement.getStart(file);
      const word = wordAfter(text, start + 'export'.length, 'default');
      edits.push({ start, text: 'var   ' }, { start: word, text: `${name} =` });
      entry = { kind: 'named', name };
    } else if (ts.isExportDeclaration(statement)) {
      if (statement.moduleSpecifier !== undefined) {
        if (!statement.isTypeOnly) report(statement, 'codemode/import', 'A script cannot re-export another module: everything it can use is global.');
        continue;
      }
      if (statement.isTypeOnly) continue;
      cut(statement);
      if (statement.exportClause !== undefined && ts.isNamedExports(statement.exportClause)) {
        const main = statement.exportClause.elements.find((element) => element.name.text === 'default');
        if (main !== undefined) entry = { kind: 'named', name: (main.propertyName ?? main.name).text };
      }
    } else if (ts.canHaveModifiers(statement)) {
      const modifiers = ts.getModifiers(statement) ?? [];
      const exported = modifiers.filter((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword || modifier.kind === ts.SyntaxKind.DefaultKeyword);
      if (exported.length === 0 || isErased(statement, modifiers)) continue;
      const isDefault = exported.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword);
      if (isDefault && ts.isClassDeclaration(statement)) {
        report(statement, 'codemode/default-export', 'The default export of a script must be a function, not a class.');
      } else if (isDefault && ts.isFunctionDeclaration(statement)) {
        if (statement.asteriskToken !== undefined) report(statement.asteriskToken, 'codemode/default-export', 'The default export of a script must be a plain or async function, not a generator.');
        if (statement.name === undefined) {
          const edit = nameFunction(file, statement, name);
          if (edit === undefined) report(statement, 'codemode/default-export', 'Write `export default async function` and the opening parenthesis on one line.');
          else edits.push(edit);
          entry = { kind: 'named', name };
          continue;
        }
        entry = { kind: 'named', name: statement.name.text };
      }
      exported.forEach(cutWord);
    }
  }
  if (entry.kind !== 'none') return entry;
  const main = file.statements.map(mainFunction).find((found) => found !== undefined);
  if (main !== undefined) return { kind: 'named', name: main };
  const first = file.statements[0];
  if (first !== undefined) report(first, 'codemode/default-export', 'A script that exports something must export its function: `export default async function (params) { … }`.');
  return entry;
}

/** A declaration that leaves no JavaScript behind. */
function isErased(statement: ts.Statement, modifiers: readonly ts.Modifier[]): boolean {
  if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) return true;
  if (modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword)) return true;
  return ts.isFunctionDeclaration(statement) && statement.body === undefined;
}

/** Gives an anonymous function declaration a name in the room that `export default` leaves, so that it stays a declaration. */
function nameFunction(file: ts.SourceFile, node: ts.FunctionDeclaration, name: string): Edit | undefined {
  const text = file.text;
  const start = node.getStart(file);
  const open = (node.typeParameters ?? node.parameters).pos - 1;
  const head = text.slice(start, open);
  const isAsync = (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.AsyncKeyword);
  const declaration = `${isAsync ? 'async ' : ''}function ${name}`;
  const lines = head.split(/(\r\n|\n|\r)/);
  const index = lines.findIndex((line) => line.length >= declaration.length);
  if (index === -1) return undefined;
  return { start, text: lines.map((line, at) => (at === index ? declaration + ' '.repeat(line.length - declaration.length) : blank(line))).join('') };
}

function wordAfter(text: string, from: number, word: string): number {
  const comments = ts.getLeadingCommentRanges(text, from) ?? ts.getTrailingCommentRanges(text, from) ?? [];
  const last = comments[comments.length - 1];
  return text.indexOf(word, last?.end ?? from);
}

/** `main`, where a statement declares a function of that name. */
function mainFunction(statement: ts.Statement): string | undefined {
  if (ts.isFunctionDeclaration(statement)) return statement.name?.text === 'main' && statement.body !== undefined ? 'main' : undefined;
  if (!ts.isVariableStatement(statement)) return undefined;
  const found = statement.declarationList.declarations.some(
    (declaration) =>
      ts.isIdentifier(declaration.name) &&
      declaration.name.text === 'main' &&
      declaration.initializer !== undefined &&
      (ts.isArrowFunction(declaration.initializer) || ts.isFunctionExpression(declaration.initializer)),
  );
  return found ? 'main' : undefined;
}

/** A body that declares `main`, never names it again and returns nothing meant it to be called. */
function bodyEntry(file: ts.SourceFile): Entry {
  const statements = bodyOf(file).statements;
  if (!statements.some((statement) => mainFunction(statement) !== undefined)) return { kind: 'return' };
  let names = 0;
  let returns = false;
  const visit = (node: ts.Node, nested: boolean): void => {
    if (ts.isIdentifier(node) && node.text === 'main') names++;
    if (ts.isReturnStatement(node) && !nested) returns = true;
    ts.forEachChild(node, (child) => {
      visit(child, nested || ts.isFunctionLike(node));
    });
  };
  for (const statement of statements) visit(statement, false);
  return names === 1 && !returns ? { kind: 'named', name: 'main' } : { kind: 'return' };
}

/** The statements that a person wrote: of the wrapped body, or of the module. */
export function bodyOf(file: ts.SourceFile): { readonly statements: ts.NodeArray<ts.Statement> } {
  const first = file.statements[0];
  if (first !== undefined && ts.isFunctionDeclaration(first) && first.name?.text === '$script' && first.body !== undefined) return first.body;
  return file;
}

function notErasable(node: ts.Node): string {
  switch (node.kind) {
    case ts.SyntaxKind.EnumDeclaration:
      return 'An enum leaves code behind when its types are erased. Use a const object, or a union of literals.';
    case ts.SyntaxKind.ModuleDeclaration:
      return 'A namespace leaves code behind when its types are erased. Use an object, or plain functions.';
    case ts.SyntaxKind.ImportEqualsDeclaration:
      return '`import x = …` leaves code behind when its types are erased. Use a const.';
    case ts.SyntaxKind.ExportAssignment:
      return '`export =` is not JavaScript. Write `export default`.';
    case ts.SyntaxKind.TypeAssertionExpression:
      return 'Write `value as Type` instead of `<Type>value`.';
    case ts.SyntaxKind.AsExpression:
    case ts.SyntaxKind.SatisfiesExpression:
      return 'Without its type this expression would group differently. Put parentheses around the part with the type.';
    default:
      return 'A parameter property leaves code behind when its types are erased. Declare the field and assign it in the constructor.';
  }
}

function notSupported(node: ts.Node): { readonly code: string; readonly message: string } {
  switch (node.kind) {
    case ts.SyntaxKind.CallExpression:
      return { code: 'codemode/import', message: 'A script cannot import modules. Everything it can use is global: the servers, codemode, console and standard JavaScript.' };
    case ts.SyntaxKind.MetaProperty:
      if ((node as ts.MetaProperty).keywordToken === ts.SyntaxKind.NewKeyword) return { code: 'codemode/syntax', message: 'There is no new.target outside of functions: nobody constructs a script.' };
      return { code: 'codemode/syntax', message: 'There is no import.meta in a script: it is not a file.' };
    case ts.SyntaxKind.PropertyDeclaration:
      return { code: 'codemode/syntax', message: 'The sandbox does not know `accessor`. Write a field, or `get` and `set`.' };
    case ts.SyntaxKind.Decorator:
      return { code: 'codemode/syntax', message: 'The sandbox does not know decorators. Call the function instead.' };
    case ts.SyntaxKind.ModuleDeclaration:
      return { code: 'codemode/syntax', message: 'A script cannot declare globals: what is global is what the sandbox has.' };
    default:
      return { code: 'codemode/syntax', message: 'The sandbox does not know `using`. Use const and try/finally.' };
  }
}
