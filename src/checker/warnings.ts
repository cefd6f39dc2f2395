import * as ts from 'typescript';
import type { ScriptDiagnostic } from './checker.js';
import { literalValue, withoutTypes } from './literals.js';
import { isLoop } from './loops.js';
import type { Reading } from './reading.js';
import { readUnchecked } from './unchecked.js';

/** What TypeScript finds nothing wrong with and a script's author would want, or has, to know. */
export function readWarnings(reading: Reading): ScriptDiagnostic[] {
  return [...readDefaultExport(reading), ...readUnchecked(reading), ...readFloating(reading), ...readUnbounded(reading)];
}

function warning(reading: Reading, node: ts.Node, rule: string, message: string): ScriptDiagnostic {
  const { positions, file, offset } = reading;
  return { severity: 'warning', code: `codemode/${rule}`, message, ...positions.at(node.getStart(file) - offset), end: positions.at(node.end - offset) };
}

/** A default export that cannot be called: an error, since nothing would run. */
function readDefaultExport({ file, checker, positions, offset }: Reading): ScriptDiagnostic[] {
  const assignment = file.statements.find(ts.isExportAssignment);
  if (assignment === undefined || assignment.isExportEquals === true) return [];
  const type = checker.getTypeAtLocation(assignment.expression);
  const { expression } = assignment;
  if (!ts.isLiteralExpression(expression) && ((type.flags & ts.TypeFlags.Any) !== 0 || type.getCallSignatures().length > 0)) return [];
  return [{ severity: 'error', code: 'codemode/default-export', message: 'The default export of a script must be a function: `export default async function (params) { … }`.', ...positions.at(expression.getStart(file) - offset), end: positions.at(expression.end - offset) }];
}

/** Promises that nobody waits for: the script may end before they have. */
function readFloating(reading: Reading): ScriptDiagnostic[] {
  const { outline, checker } = reading;
  const found: ScriptDiagnostic[] = [];
  for (const { expression } of outline.statements) {
    const value = withoutTypes(expression);
    if (isSettledElsewhere(value) || !isPromise(checker.getTypeAtLocation(value), checker)) continue;
    found.push(warning(reading, expression, 'no-floating', 'Nobody waits for this promise: the script may end before it has settled. Put `await` before it.'));
  }
  for (const call of outline.calls) {
    const callback = forEachCallback(call);
    if (callback === undefined || !isPromiseReturning(callback, checker)) continue;
    found.push(warning(reading, callback, 'no-floating', 'forEach does not wait for an async callback. Use `for (const … of …)`, or `await Promise.all(list.map(…))`.'));
  }

  const stored = new Map<ts.Symbol, ts.Identifier>();
  for (const node of outline.variables) {
    if (!ts.isVariableDeclaration(node) || !ts.isIdentifier(node.name) || node.initializer === undefined || isExported(node)) continue;
    const symbol = isPromise(checker.getTypeAtLocation(node.name), checker) ? checker.getSymbolAtLocation(node.name) : undefined;
    if (symbol !== undefined) stored.set(symbol, node.name);
  }
  if (stored.size > 0) {
    const names = new Set([...stored.values()].map((name) => name.text));
    for (const node of outline.identifiers) {
      if (!names.has(node.text)) continue;
      const parent: ts.Node = node.parent;
      const symbol = ts.isShorthandPropertyAssignment(parent) ? checker.getShorthandAssignmentValueSymbol(parent) : checker.getSymbolAtLocation(node);
      if (symbol !== undefined && stored.get(symbol) !== node) stored.delete(symbol);
    }
  }
  for (const name of stored.values()) {
    found.push(warning(reading, name, 'no-floating', `Nobody waits for the promise in '${name.text}': the script may end before it has settled. Put \`await\` before it.`));
  }
  return found;
}

function isSettledElsewhere(node: ts.Expression): boolean {
  if (ts.isAwaitExpression(node) || ts.isVoidExpression(node)) return true;
  return ts.isBinaryExpression(node) && node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment && node.operatorToken.kind <= ts.SyntaxKind.LastAssignment;
}

function isExported(node: ts.VariableDeclaration): boolean {
  return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export) !== 0;
}

/** A promise, or a list of them. */
function isPromise(type: ts.Type, checker: ts.TypeChecker): boolean {
  if (type.isUnion()) return type.types.some((part) => isPromise(part, checker));
  if ((type.flags & ts.TypeFlags.Object) === 0) return false;
  const name = type.symbol?.name;
  if (name === 'Promise' || name === 'PromiseLike') return true;
  if (!checker.isArrayType(type)) return false;
  const [element] = checker.getTypeArguments(type as ts.TypeReference);
  return element !== undefined && element.symbol?.name === 'Promise';
}

function forEachCallback(node: ts.CallExpression): ts.Expression | undefined {
  const callee = withoutTypes(node.expression);
  return ts.isPropertyAccessExpression(callee) && callee.name.text === 'forEach' ? node.arguments[0] : undefined;
}

function isPromiseReturning(callback: ts.Expression, checker: ts.TypeChecker): boolean {
  return checker.getTypeAtLocation(callback).getCallSignatures().some((signature) => isPromise(checker.getReturnTypeOfSignature(signature), checker));
}

/** Calls of tools in loops that nothing ends. */
function readUnbounded(reading: Reading): ScriptDiagnostic[] {
  const { outline, checker, tools } = reading;
  return outline.loops
    .filter((loop) => isEndless(loop, checker) && !leaves(loop))
    .filter((loop) => outline.calls.some((call) => loop.pos <= call.pos && call.end <= loop.end && tools.ofDeclaration(checker.getResolvedSignature(call)?.declaration) !== undefined))
    .map((loop) => warning(reading, loop, 'unbounded-loop', 'This loop calls tools and nothing ends it. Give it a condition, a `break` or a `return`.'));
}

function isEndless(loop: ts.IterationStatement, checker: ts.TypeChecker): boolean {
  if (ts.isForStatement(loop)) return loop.condition === undefined || Boolean(literalValue(loop.condition, checker));
  return (ts.isWhileStatement(loop) || ts.isDoStatement(loop)) && Boolean(literalValue(loop.expression, checker));
}

/** Whether a `break`, `return` or `throw` inside gets out of the loop, or a `yield` lets whoever takes its values. */
function leaves(loop: ts.IterationStatement): boolean {
  const label = ts.isLabeledStatement(loop.parent) ? loop.parent.label.text : undefined;
  const visit = (node: ts.Node, nested: boolean): boolean => {
    if (ts.isFunctionLike(node)) return false;
    if (ts.isReturnStatement(node) || ts.isThrowStatement(node) || ts.isYieldExpression(node)) return true;
    // A labelled break that is not ours leaves an outer loop, and so this one too.
    if (ts.isBreakStatement(node)) return node.label === undefined ? !nested : node.label.text === label || !isInside(node, loop, node.label.text);
    if (ts.isContinueStatement(node) && node.label !== undefined && node.label.text !== label && !isInside(node, loop, node.label.text)) return true;
    const deeper = nested || isLoop(node) || ts.isSwitchStatement(node);
    return ts.forEachChild(node, (child) => visit(child, deeper) || undefined) ?? false;
  };
  return visit(loop.statement, false);
}

/** Whether a label stands between a jump and the loop around it. */
function isInside(jump: ts.Node, loop: ts.IterationStatement, label: string): boolean {
  for (let node: ts.Node = jump; node !== loop; node = node.parent) if (ts.isLabeledStatement(node) && node.label.text === label) return true;
  return false;
}
