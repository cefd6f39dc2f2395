import * as ts from 'typescript';
import { withoutTypes } from './literals.js';
import type { Outline } from './outline.js';

/** Functions of arrays, maps and sets that call what they are given once for each element. */
const each = new Set(['map', 'forEach', 'filter', 'flatMap', 'reduce', 'reduceRight', 'some', 'every', 'find', 'findIndex', 'findLast', 'findLastIndex', 'sort', 'toSorted', 'from', 'fromAsync', 'replace', 'replaceAll', 'groupBy']);

export function isLoop(node: ts.Node): node is ts.IterationStatement {
  return ts.isIterationStatement(node, false);
}

/** Tells whether code may run more than once in a script. */
export class Repetition {
  private readonly references = new Map<ts.Symbol, ts.Identifier[]>();
  private readonly answers = new Map<ts.Node, boolean>();

  constructor(
    outline: Outline,
    private readonly checker: ts.TypeChecker,
  ) {
    const names = new Set(outline.functions.map((node) => functionName(node)?.text));
    for (const identifier of outline.identifiers) {
      if (!names.has(identifier.text)) continue;
      const symbol = checker.getSymbolAtLocation(identifier);
      if (symbol === undefined) continue;
      const known = this.references.get(symbol);
      if (known === undefined) this.references.set(symbol, [identifier]);
      else known.push(identifier);
    }
  }

  repeats(node: ts.Node): boolean {
    for (let child = node, parent: ts.Node | undefined = node.parent; parent !== undefined; child = parent, parent = parent.parent) {
      if (isLoop(parent) && !runsOnce(parent, child)) return true;
      if (ts.isFunctionLike(parent)) return this.functionRepeats(parent);
    }
    return false;
  }

  private functionRepeats(node: ts.SignatureDeclaration): boolean {
    const known = this.answers.get(node);
    if (known !== undefined) return known;
    // Recursion finds this answer and so does not count as a loop.
    this.answers.set(node, false);
    const answer = isCallbackForEach(node) || this.repeats(node) || this.isCalledRepeatedly(node);
    this.answers.set(node, answer);
    return answer;
  }

  private isCalledRepeatedly(node: ts.SignatureDeclaration): boolean {
    const name = functionName(node);
    const symbol = name === undefined ? undefined : this.checker.getSymbolAtLocation(name);
    const references = symbol === undefined ? undefined : this.references.get(symbol);
    return references?.some((reference) => reference !== name && (isCallbackForEach(reference) || this.repeats(reference))) ?? false;
  }
}

function functionName(node: ts.SignatureDeclaration): ts.Identifier | undefined {
  if (node.name !== undefined && ts.isIdentifier(node.name)) return node.name;
  const parent: ts.Node = node.parent;
  return ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name) ? parent.name : undefined;
}

/** The part of a loop that runs before its first turn. */
function runsOnce(loop: ts.IterationStatement, child: ts.Node): boolean {
  if (ts.isForStatement(loop)) return child === loop.initializer;
  return (ts.isForOfStatement(loop) || ts.isForInStatement(loop)) && child === loop.expression;
}

/** `paths.map(<this>)` */
export function isCallbackForEach(node: ts.Node): boolean {
  const call: ts.Node = node.parent;
  if (!ts.isCallExpression(call) || !call.arguments.some((argument) => argument === node)) return false;
  const callee = withoutTypes(call.expression);
  return ts.isPropertyAccessExpression(callee) && each.has(callee.name.text);
}
