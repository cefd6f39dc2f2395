import ts from 'typescript';
import type { ScriptDiagnostic } from './checker.js';
import { literalValue, withoutTypes } from './literals.js';
import { isLoop, type Loop } from './loops.js';
import { walkValues } from './nodes.js';
import type { Reading } from './reading.js';
import { readUnchecked } from './unchecked.js';

/** What TypeScript finds nothing wrong with and a script's author would want to know. */
export function readWarnings(reading: Reading): ScriptDiagnostic[] {
  return [...readUnchecked(reading), ...readFloating(reading), ...readUnbounded(reading)];
}

function warning(reading: Reading, node: ts.Node, rule: string, message: string): ScriptDiagnostic {
  const { positions, file, offset } = reading;
  return { severity: 'warning', code: `codemode/${rule}`, message, ...positions.at(node.getStart(file) - offset), end: positions.at(node.end - offset) };
}

/** Promises that nobody waits for: the script may end before they have. */
function readFloating(reading: Reading): ScriptDiagnostic[] {
  const { file, checker } = reading;
  const found: ScriptDiagnostic[] = [];
  const stored = new Map<ts.Symbol, ts.VariableDeclaration>();
  const used = new Set<ts.Symbol>();

  walkValues(file, (node) => {
    if (ts.isExpressionStatement(node)) {
      const expression = withoutTypes(node.expression);
      if (isSettledElsewhere(expression) || !isPromise(checker.getTypeAtLocation(expression), checker)) return;
      found.push(warning(reading, node.expression, 'no-floating', 'Nobody waits for this promise: the script may end before it has settled. Put `await` before it.'));
    } else if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer !== undefined) {
      if (!isPromise(checker.getTypeAtLocation(node.name), checker)) return;
      const symbol = checker.getSymbolAtLocation(node.name);
      if (symbol !== undefined && !isExported(node)) stored.set(symbol, node);
    } else if (ts.isIdentifier(node)) {
      const parent: ts.Node = node.parent;
      if (ts.isVariableDeclaration(parent) && parent.name === node) return;
      const symbol = ts.isShorthandPropertyAssignment(parent) ? checker.getShorthandAssignmentValueSymbol(parent) : checker.getSymbolAtLocation(node);
      if (symbol !== undefined) used.add(symbol);
    } else if (ts.isCallExpression(node)) {
      const callback = forEachCallback(node);
      if (callback === undefined || !isPromiseReturning(callback, checker)) return;
      found.push(warning(reading, callback, 'no-floating', 'forEach does not wait for an async callback. Use `for (const … of …)`, or `await Promise.all(list.map(…))`.'));
    }
  });

  for (const [symbol, declaration] of stored) {
    if (used.has(symbol)) continue;
    found.push(warning(reading, declaration.name, 'no-floating', `Nobody waits for the promise in '${symbol.name}': the script may end before it has settled. Put \`await\` before it.`));
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
  const { checker, tools } = reading;
  const found: ScriptDiagnostic[] = [];
  walkValues(reading.file, (node) => {
    if (!isLoop(node) || !isEndless(node, checker) || leaves(node)) return;
    let calls = false;
    walkValues(node.statement, (inner) => {
      if (ts.isCallExpression(inner) && tools.ofDeclaration(checker.getResolvedSignature(inner)?.declaration) !== undefined) calls = true;
    });
    if (calls) found.push(warning(reading, node, 'unbounded-loop', 'This loop calls tools and nothing ends it. Give it a condition, a `break` or a `return`.'));
  });
  return found;
}

function isEndless(loop: Loop, checker: ts.TypeChecker): boolean {
  if (ts.isForStatement(loop)) return loop.condition === undefined || Boolean(literalValue(loop.condition, checker));
  return (ts.isWhileStatement(loop) || ts.isDoStatement(loop)) && Boolean(literalValue(loop.expression, checker));
}

/** Whether a `break`, `return` or `throw` inside gets out of the loop. */
function leaves(loop: Loop): boolean {
  const label = ts.isLabeledStatement(loop.parent) ? loop.parent.label.text : undefined;
  const visit = (node: ts.Node, nested: boolean): boolean => {
    if (ts.isFunctionLike(node)) return false;
    if (ts.isReturnStatement(node) || ts.isThrowStatement(node)) return true;
    // A labelled break that is not ours leaves an outer loop, and so this one too.
    if (ts.isBreakStatement(node)) return node.label === undefined ? !nested : node.label.text === label || !isInside(node, loop, node.label.text);
    if (ts.isContinueStatement(node) && node.label !== undefined && node.label.text !== label && !isInside(node, loop, node.label.text)) return true;
    const deeper = nested || isLoop(node) || ts.isSwitchStatement(node);
    return ts.forEachChild(node, (child) => visit(child, deeper) || undefined) ?? false;
  };
  return visit(loop.statement, false);
}

/** Whether a label stands between a jump and the loop around it. */
function isInside(jump: ts.Node, loop: Loop, label: string): boolean {
  for (let node: ts.Node = jump; node !== loop; node = node.parent) if (ts.isLabeledStatement(node) && node.label.text === label) return true;
  return false;
}
