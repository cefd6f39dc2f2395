import * as ts from 'typescript';
import { nearest } from '../discovery/nearest.js';
import type { ScriptDiagnostic } from './checker.js';
import { declarationText, toolText } from './declarationText.js';
import { nodeAt } from './nodes.js';
import type { Reading } from './reading.js';
import { isUncheckedParameter } from './unchecked.js';

/** A name that stands for nothing: plain, with TypeScript's own guess, and with advice meant for other surroundings. */
const unknownName = new Set([2304, 2503, 2552, 2580, 2581, 2582, 2583, 2584, 2585, 2591, 2592, 2593, 2662, 2663, 2693, 2867, 2868, 18004]);
const unknownMember = new Set([2339, 2551, 2550, 2568, 2570, 7053]);
const unknownProperty = new Set([2353, 2561]);
/** Something that stands where only a module has it, and where a body, which is wrapped in a function, has not. */
const onlyInModules = new Set([1184, 1231, 1232, 1233, 1234, 1235]);
/** What TypeScript has against the place of a statement that a script cannot have in any place. */
export const ofPlaces: ReadonlySet<string> = new Set([...onlyInModules, 1203, 2307].map((code) => `TS${code}`));
const implicitAny = new Set([7006, 7019, 7031]);
const unreachable = 7027;

/** What other surroundings have and the sandbox has not, and what a script does instead. */
const elsewhere: Readonly<Record<string, string>> = {
  require: 'Everything a script can use is global.',
  process: 'A script has no process and no environment.',
  fetch: 'A script has no network: call a server that has the tool for it.',
  XMLHttpRequest: 'A script has no network: call a server that has the tool for it.',
  Buffer: 'Use TextEncoder, TextDecoder, atob or btoa.',
  fs: 'A script has no file system: call repo, or a server that has the tool for it.',
  document: 'A script has no page.',
  window: 'A script has no page.',
  module: 'A script is one file: `export default` its function, or return a value.',
  exports: 'A script is one file: `export default` its function, or return a value.',
  __dirname: 'A script is not a file on a disk.',
  __filename: 'A script is not a file on a disk.',
  eval: 'A script cannot make code.',
  Function: 'A script cannot make code.',
  WebAssembly: 'A script cannot load code.',
};

/** TypeScript's errors in the words and positions of the script's author. */
export function readDiagnostics(diagnostics: readonly ts.Diagnostic[], reading: Reading): ScriptDiagnostic[] {
  const silenced = silencedLines(reading);
  return diagnostics.flatMap((diagnostic) => {
    const start = (diagnostic.start ?? 0) - reading.offset;
    if (diagnostic.file !== reading.file || start > reading.length) return [];
    const found = readDiagnostic(diagnostic, start, reading);
    if (found === undefined) return [];
    return silenced.has(found.line) ? { ...found, severity: 'warning' } : found;
  });
}

/** Lines after a `@ts-ignore` or `@ts-expect-error`: what is wrong there the author knows, and it stays as a warning. */
function silencedLines(reading: Reading): ReadonlySet<number> {
  const { commentDirectives } = reading.file as unknown as { readonly commentDirectives?: readonly { readonly range: ts.TextRange }[] };
  if (commentDirectives === undefined) return new Set();
  const lines = reading.file.text.slice(reading.offset, reading.offset + reading.length).split(/\r\n|\n|\r/);
  return new Set(
    commentDirectives.map(({ range }) => {
      let line = reading.positions.at(range.end - reading.offset).line;
      while (line < lines.length && /^\s*(?:\/\/.*)?$/.test(lines[line] ?? '')) line++;
      return line + 1;
    }),
  );
}

function readDiagnostic(diagnostic: ts.Diagnostic, start: number, reading: Reading): ScriptDiagnostic | undefined {
  const { positions, file } = reading;
  const place = { ...positions.at(start), end: positions.at(start + (diagnostic.length ?? 0)) };
  if (diagnostic.code === unreachable) {
    return { ...place, severity: 'warning', code: 'codemode/unreachable-result', message: 'This never runs: what stands before it always returns, throws or goes on for ever.' };
  }
  const node = nodeAt(file, diagnostic.start ?? 0, diagnostic.length ?? 0);
  if (implicitAny.has(diagnostic.code) && node !== undefined && isUncheckedParameter(node, reading)) return undefined;

  const suggestions = suggest(diagnostic, node, reading);
  const message = worded(diagnostic, node, suggestions, reading);
  const declaration = violated(diagnostic, node, reading);
  return {
    ...place,
    severity: diagnostic.category === ts.DiagnosticCategory.Error ? 'error' : 'warning',
    code: `TS${String(plainCode(diagnostic.code))}`,
    message,
    ...(declaration === undefined ? {} : { declaration }),
    ...(suggestions.length === 0 ? {} : { suggestions }),
  };
}

/** One code for an unknown name, whatever TypeScript guessed and advised along with it. */
function plainCode(code: number): number {
  if (unknownName.has(code)) return code === 2503 || code === 2693 || code === 18004 ? code : 2304;
  return code === 2550 || code === 2551 ? 2339 : code;
}

/** The nearest real names, where a name was wrong. */
function suggest(diagnostic: ts.Diagnostic, node: ts.Node | undefined, reading: Reading): readonly string[] {
  if (node === undefined) return [];
  const { checker } = reading;
  const guess = nameIn(node);
  // One or two letters are near to everything.
  if (guess === undefined || guess.length < 3) return [];
  if (unknownName.has(diagnostic.code)) {
    if (Object.hasOwn(elsewhere, guess)) return [];
    const own = checker.getSymbolsInScope(node, ts.SymbolFlags.Value).map((symbol) => symbol.name);
    return nearest(guess, new Set([...reading.namespaces, 'codemode', ...own.filter((name) => !name.startsWith('$') && name !== guess && !name.startsWith('__'))]));
  }
  if (unknownMember.has(diagnostic.code)) {
    const object = objectOf(node);
    if (object === undefined) return [];
    return nearest(guess, memberNames(object, reading));
  }
  if (unknownProperty.has(diagnostic.code)) {
    const literal = ancestor(node, ts.isObjectLiteralExpression);
    const type = literal === undefined ? undefined : checker.getContextualType(literal);
    if (type === undefined) return [];
    const parts = type.isUnion() ? type.types : [type];
    return nearest(guess, new Set(parts.flatMap((part) => checker.getPropertiesOfType(part).map((property) => property.name))));
  }
  return [];
}

function memberNames(object: ts.Expression | ts.ObjectBindingPattern, reading: Reading): string[] {
  const type = reading.checker.getTypeAtLocation(object);
  return reading.checker.getPropertiesOfType(reading.checker.getNonNullableType(type)).map((property) => property.name).filter((name) => !name.startsWith('__@'));
}

function worded(diagnostic: ts.Diagnostic, node: ts.Node | undefined, suggestions: readonly string[], reading: Reading): string {
  const related = (diagnostic.relatedInformation ?? []).filter((information) => information.code === 2773).map((information) => ts.flattenDiagnosticMessageText(information.messageText, '\n'));
  const text = [ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'), ...related].join(' ');
  if (onlyInModules.has(diagnostic.code) && diagnostic.start !== undefined) {
    const [word = ''] = /^\w+/.exec(reading.file.text.slice(diagnostic.start)) ?? [];
    if (word === 'declare') return 'A script cannot declare what is not there: what is global is what the sandbox has. Leave out `declare` and what follows it.';
    if (word === 'namespace' || word === 'module') return 'A namespace can only stand in a script that has `export default`. Use types, an object or plain functions without one.';
  }
  const guess = node === undefined ? undefined : nameIn(node);
  if (guess === undefined || node === undefined) return text;
  const hint = suggestions.length === 0 ? '' : ` Did you mean ${listed(suggestions)}?`;
  if (unknownName.has(diagnostic.code)) {
    const advice = Object.hasOwn(elsewhere, guess) ? elsewhere[guess] : undefined;
    if (advice !== undefined) return `There is no '${guess}' in a script. ${advice}`;
    return `${diagnostic.code === 2693 ? text : `Cannot find name '${guess}'.`}${hint}`;
  }
  if (unknownMember.has(diagnostic.code) && related.length === 0) {
    const object = objectOf(node);
    const [namespace] = object === undefined ? [] : reading.tools.namespacesOf(reading.checker.getTypeAtLocation(object));
    if (namespace === 'codemode') return `codemode has no '${guess}'.${hint}`;
    if (namespace !== undefined) return `Server '${namespace}' has no tool '${guess}'.${hint === '' ? ' codemode.search finds tools by what they do.' : hint}`;
    if (diagnostic.code === 2550) return `${text.split('. ')[0] ?? text}.${hint}`;
    return text.includes('Did you mean') ? text : `${text}${hint}`;
  }
  return text.includes('Did you mean') || !unknownProperty.has(diagnostic.code) ? text : `${text}${hint}`;
}

function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`);
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`;
}

/** The declaration that a wrong call, member or value went against. */
function violated(diagnostic: ts.Diagnostic, node: ts.Node | undefined, reading: Reading): string | undefined {
  if (node === undefined) return undefined;
  const { checker, tools } = reading;
  if (unknownMember.has(diagnostic.code)) {
    const object = objectOf(node);
    const type = object === undefined ? undefined : checker.getNonNullableType(checker.getTypeAtLocation(object));
    if (type === undefined || tools.namespacesOf(type).length > 0) return undefined;
    const symbol = type.aliasSymbol ?? type.symbol;
    const declaration = symbol?.declarations?.[0];
    return declaration !== undefined && isOurs(declaration, reading) ? declarationText(declaration, checker) : undefined;
  }
  for (let child: ts.Node = node, parent: ts.Node | undefined = node.parent; parent !== undefined; child = parent, parent = parent.parent) {
    if (ts.isFunctionLike(parent) && child !== node) return undefined;
    if (!ts.isCallExpression(parent)) continue;
    const declaration = checker.getResolvedSignature(parent)?.declaration;
    const tool = tools.ofDeclaration(declaration);
    if (tool === undefined || declaration === undefined) continue;
    return toolText(tool, ts.isFunctionTypeNode(declaration) ? declaration.parent : declaration, checker);
  }
  return undefined;
}

function isOurs(declaration: ts.Node, reading: Reading): boolean {
  const { fileName } = declaration.getSourceFile();
  return fileName !== reading.file.fileName && fileName !== '/lib.d.ts';
}

/** The name a diagnostic is about. */
function nameIn(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node) || ts.isStringLiteralLike(node) || ts.isPrivateIdentifier(node)) return node.text;
  if (ts.isElementAccessExpression(node)) return ts.isStringLiteralLike(node.argumentExpression) ? node.argumentExpression.text : undefined;
  if (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)) return nameIn(node.name);
  return undefined;
}

/** What an unknown member was looked for on. */
function objectOf(node: ts.Node): ts.Expression | ts.ObjectBindingPattern | undefined {
  if (ts.isElementAccessExpression(node)) return node.expression;
  const parent: ts.Node = node.parent;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return parent.expression;
  if (ts.isElementAccessExpression(parent) && parent.argumentExpression === node) return parent.expression;
  if (ts.isBindingElement(parent) && ts.isObjectBindingPattern(parent.parent)) return parent.parent;
  return undefined;
}

function ancestor<T extends ts.Node>(node: ts.Node, is: (candidate: ts.Node) => candidate is T): T | undefined {
  for (let current: ts.Node | undefined = node; current !== undefined; current = current.parent) if (is(current)) return current;
  return undefined;
}
