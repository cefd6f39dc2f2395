import * as ts from 'typescript';
import type { ScriptDiagnostic } from './checker.js';
import { withoutTypes } from './literals.js';
import type { Reading } from './reading.js';

/**
 * A parameter whose type nothing tells because it belongs to a callback given to an unchecked value:
 * `issues.map((issue) => …)`. Nobody could know better, so it is no error.
 */
export function isUncheckedParameter(node: ts.Node, reading: Reading): boolean {
  const parameter = parameterOf(node);
  if (parameter === undefined) return false;
  const receiver = receiverOf(parameter.parent);
  return receiver !== undefined && isAny(reading.checker.getTypeAtLocation(receiver));
}

/** One warning for each value that came out of a tool with nobody knowing its shape, naming the lines that use it. */
export function readUnchecked(reading: Reading): ScriptDiagnostic[] {
  if (!reading.tools.someUnchecked) return [];
  const { file, outline, checker, positions, offset } = reading;
  const uses = new Map<ts.Node, { readonly tool: string; first: ts.Node; readonly lines: Set<number> }>();
  const origins = new Origins(reading);

  const relied = [
    ...outline.accesses.map((node) => node.expression),
    ...outline.spreads.map((node) => node.expression),
    ...outline.loops.filter(ts.isForOfStatement).map((node) => node.expression),
    ...outline.variables.filter((node) => !ts.isIdentifier(node.name)).map((node) => node.initializer),
  ];
  for (const used of relied) {
    const origin = used === undefined ? undefined : origins.of(used);
    if (used === undefined || origin === undefined || !isAny(checker.getTypeAtLocation(used))) continue;
    const { line } = positions.at(used.getStart(file) - offset);
    const known = uses.get(origin.node);
    if (known === undefined) uses.set(origin.node, { tool: origin.tool, first: used, lines: new Set([line]) });
    else {
      known.lines.add(line);
      if (used.pos < known.first.pos) known.first = used;
    }
  }

  return [...uses.values()].map(({ tool, first, lines }) => {
    const start = first.getStart(file) - offset;
    const where = [...lines].sort((a, b) => a - b);
    const listed = where.slice(0, 8).join(', ') + (where.length > 8 ? ' …' : '');
    return {
      severity: 'warning',
      code: 'codemode/unchecked',
      message: `The shape of what ${tool} returns is not known, so its use on line${where.length === 1 ? '' : 's'} ${listed} is not checked.`,
      ...positions.at(start),
      end: positions.at(first.end - offset),
    };
  });
}

interface Origin {
  /** The call, which all values derived from its result share. */
  readonly node: ts.Node;
  readonly tool: string;
}

/** Follows a value back to the call of a tool. */
class Origins {
  private readonly bySymbol = new Map<ts.Symbol, Origin | undefined>();

  constructor(private readonly reading: Reading) {}

  of(expression: ts.Expression): Origin | undefined {
    const node = withoutTypes(expression);
    if (ts.isAwaitExpression(node)) return this.of(node.expression);
    if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) return this.of(node.expression);
    if (ts.isCallExpression(node)) return this.ofCall(node);
    if (ts.isBinaryExpression(node)) return this.of(node.left) ?? this.of(node.right);
    if (ts.isConditionalExpression(node)) return this.of(node.whenTrue) ?? this.of(node.whenFalse);
    if (ts.isArrayLiteralExpression(node)) return node.elements.map((element) => this.of(element)).find((origin) => origin !== undefined);
    if (ts.isIdentifier(node)) return this.ofSymbol(this.reading.checker.getSymbolAtLocation(node));
    if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) return this.of(node.body);
    return undefined;
  }

  private ofCall(node: ts.CallExpression): Origin | undefined {
    const tool = this.reading.tools.ofDeclaration(this.reading.checker.getResolvedSignature(node)?.declaration);
    if (tool !== undefined) return { node, tool: `${tool.namespace}.${tool.member}` };
    const callee = withoutTypes(node.expression);
    // Promise.all([…]), Object.values(x), issues.map(…): what goes in tells where it comes from.
    const receiver = ts.isPropertyAccessExpression(callee) ? this.of(callee.expression) : undefined;
    return receiver ?? node.arguments.map((argument) => this.of(argument)).find((origin) => origin !== undefined);
  }

  private ofSymbol(symbol: ts.Symbol | undefined): Origin | undefined {
    if (symbol === undefined) return undefined;
    if (this.bySymbol.has(symbol)) return this.bySymbol.get(symbol);
    this.bySymbol.set(symbol, undefined);
    const origin = this.ofDeclaration(symbol.valueDeclaration);
    this.bySymbol.set(symbol, origin);
    return origin;
  }

  private ofDeclaration(declaration: ts.Declaration | undefined): Origin | undefined {
    if (declaration === undefined) return undefined;
    if (ts.isBindingElement(declaration)) return this.ofDeclaration(declaration.parent.parent);
    if (ts.isParameter(declaration)) {
      const receiver = receiverOf(declaration.parent);
      return receiver === undefined ? undefined : this.of(receiver);
    }
    if (!ts.isVariableDeclaration(declaration)) return undefined;
    if (declaration.initializer !== undefined) return this.of(declaration.initializer);
    const loop = declaration.parent.parent;
    return ts.isForOfStatement(loop) ? this.of(loop.expression) : undefined;
  }
}

export function isAny(type: ts.Type): boolean {
  return (type.flags & ts.TypeFlags.Any) !== 0;
}

function parameterOf(node: ts.Node): ts.ParameterDeclaration | undefined {
  for (let current: ts.Node | undefined = node; current !== undefined; current = current.parent) {
    if (ts.isParameter(current)) return current;
    if (ts.isStatement(current)) return undefined;
  }
  return undefined;
}

/** `issues` in `issues.map(<callback>)`. */
function receiverOf(callback: ts.Node): ts.Expression | undefined {
  const call: ts.Node = callback.parent;
  if (!ts.isCallExpression(call) || !call.arguments.some((argument) => argument === callback)) return undefined;
  const callee = withoutTypes(call.expression);
  return ts.isPropertyAccessExpression(callee) ? callee.expression : callee;
}
