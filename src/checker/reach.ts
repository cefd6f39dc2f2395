import * as ts from 'typescript';
import type { JsonValue } from '../json.js';
import type { Reach, ReachEntry, ScriptPosition } from './checker.js';
import { literalBeginnings, literalMembers, literalValue, withoutTypes } from './literals.js';
import { isCallbackForEach, Repetition } from './loops.js';
import type { Reading } from './reading.js';
import type { NamedTool } from './tools.js';

/** Finds what a script may call, by its declarations rather than by names: a shadowed name is no tool, a renamed one is. */
export function readReach(reading: Reading): Reach {
  return new ReachReader(reading).read();
}

class ReachReader {
  private readonly entries: ReachEntry[] = [];
  private readonly dynamic: (ScriptPosition & { readonly namespace?: string })[] = [];
  private readonly repetition: Repetition;
  /** Local names of tools: `const { read } = repo`. */
  private readonly aliases = new Map<ts.Symbol, { readonly tools: readonly NamedTool[]; readonly node: ts.Node; used: boolean }>();
  /** Local names of whole servers: `const fs = filesystem`. */
  private readonly holders = new Map<ts.Symbol, readonly string[]>();
  private readonly namespaces: ReadonlySet<string>;

  constructor(private readonly reading: Reading) {
    this.repetition = new Repetition(reading.outline, reading.checker);
    this.namespaces = new Set(reading.namespaces);
  }

  read(): Reach {
    const { outline } = this.reading;
    for (const binding of outline.bindings) this.collectBinding(binding);
    for (const variable of outline.variables) this.collectVariable(variable);
    for (const call of outline.calls) this.visitCall(call);
    for (const access of outline.accesses) this.visitAccess(access);
    const names = new Set([...this.namespaces, 'codemode', 'globalThis', ...[...this.aliases.keys(), ...this.holders.keys()].map((symbol) => symbol.name)]);
    for (const identifier of outline.identifiers) if (names.has(identifier.text)) this.visitIdentifier(identifier);
    for (const { tools, node, used } of this.aliases.values()) if (!used) this.add(tools, node);
    const byPosition = (a: ScriptPosition, b: ScriptPosition): number => a.line - b.line || a.column - b.column;
    return { entries: this.entries.sort(byPosition), dynamic: this.dynamic.sort(byPosition) };
  }

  private get checker(): ts.TypeChecker {
    return this.reading.checker;
  }

  private collectBinding(node: ts.BindingElement): void {
    if (!ts.isObjectBindingPattern(node.parent)) return;
    const source = this.checker.getTypeAtLocation(node.parent);
    const [namespace] = this.reading.tools.namespacesOf(source);
    if (namespace === undefined) return;
    const key = node.propertyName ?? node.name;
    const name = ts.isIdentifier(key) || ts.isStringLiteralLike(key) ? key.text : ts.isComputedPropertyName(key) ? literalValue(key.expression, this.checker) : undefined;
    if (node.dotDotDotToken !== undefined || typeof name !== 'string') {
      this.addDynamic(node, namespace);
      return;
    }
    const tools = this.reading.tools.ofSymbol(this.checker.getPropertyOfType(source, name));
    if (tools.length > 0) this.addAlias(node.name, tools, node);
  }

  private collectVariable(node: ts.VariableDeclaration | ts.ParameterDeclaration): void {
    if (!ts.isIdentifier(node.name)) return;
    const namespaces = this.reading.tools.namespacesOf(this.checker.getTypeAtLocation(node.name));
    const symbol = namespaces.length > 0 ? this.checker.getSymbolAtLocation(node.name) : undefined;
    if (symbol !== undefined) this.holders.set(symbol, namespaces);
    const tools = node.initializer === undefined ? [] : this.toolsOf(withoutTypes(node.initializer));
    if (tools.length > 0 && node.initializer !== undefined) this.addAlias(node.name, tools, node.initializer);
  }

  private addAlias(name: ts.BindingName, tools: readonly NamedTool[], node: ts.Node): void {
    const symbol = ts.isIdentifier(name) ? this.checker.getSymbolAtLocation(name) : undefined;
    if (symbol === undefined) this.add(tools, node);
    else this.aliases.set(symbol, { tools, node, used: false });
  }

  private visitCall(node: ts.CallExpression): void {
    const callee = withoutTypes(node.expression);
    let tools = this.toolsOf(callee);
    if (tools.length === 0 && !ts.isPropertyAccessExpression(callee)) {
      const tool = this.reading.tools.ofDeclaration(this.checker.getResolvedSignature(node)?.declaration);
      if (tool !== undefined) tools = [tool];
    }
    this.add(tools, node.expression, node);
  }

  private visitAccess(node: ts.PropertyAccessExpression | ts.ElementAccessExpression): void {
    this.visitGlobalThis(node);
    if (ts.isElementAccessExpression(node)) {
      const namespaces = this.reading.tools.namespacesOf(this.checker.getTypeAtLocation(node.expression));
      if (namespaces.length > 0 && this.keysOf(node.argumentExpression) === undefined) {
        for (const namespace of namespaces) this.addDynamic(node, namespace);
        return;
      }
    }
    if (isCallee(node)) return;
    const outer = withTypes(node);
    if (ts.isVariableDeclaration(outer.parent) && ts.isIdentifier(outer.parent.name)) {
      const symbol = this.checker.getSymbolAtLocation(outer.parent.name);
      if (symbol !== undefined && this.aliases.has(symbol)) return;
    }
    this.add(this.toolsOf(node), node);
  }

  private visitIdentifier(node: ts.Identifier): void {
    if (!isExpression(node)) return;
    const parent: ts.Node = node.parent;
    const symbol = ts.isShorthandPropertyAssignment(parent) ? this.checker.getShorthandAssignmentValueSymbol(parent) : this.checker.getSymbolAtLocation(node);
    const alias = symbol === undefined ? undefined : this.aliases.get(symbol);
    if (alias !== undefined) {
      alias.used = true;
      if (!isCallee(node)) this.add(alias.tools, node);
      return;
    }
    const own = this.reading.tools.namespaceOfSymbol(symbol);
    const namespaces = own !== undefined ? [own] : symbol === undefined ? [] : (this.holders.get(symbol) ?? []);
    if (namespaces.length === 0) {
      if (node.text === 'globalThis' && isAmbient(symbol) && !isAccessed(node)) this.addDynamic(node);
      return;
    }
    if (!this.staysInSight(node)) for (const namespace of namespaces) this.addDynamic(node, namespace);
  }

  /** Whether what a namespace is used for keeps its members readable. */
  private staysInSight(node: ts.Node): boolean {
    const outer = withTypes(node);
    const parent: ts.Node = outer.parent;
    // A cast to something else hides what is done with it.
    if (outer !== node && this.reading.tools.namespacesOf(this.checker.getTypeAtLocation(outer)).length === 0) return false;
    if (ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent)) return parent.expression === outer;
    if (ts.isVariableDeclaration(parent)) {
      if (parent.initializer !== outer) return true;
      return ts.isObjectBindingPattern(parent.name) || this.reading.tools.namespacesOf(this.checker.getTypeAtLocation(parent.name)).length > 0;
    }
    if (ts.isConditionalExpression(parent)) return parent.condition === outer || this.staysInSight(parent);
    if (ts.isBinaryExpression(parent)) {
      switch (parent.operatorToken.kind) {
        case ts.SyntaxKind.AmpersandAmpersandToken:
          return parent.left === outer || this.staysInSight(parent);
        case ts.SyntaxKind.BarBarToken:
        case ts.SyntaxKind.QuestionQuestionToken:
          return this.staysInSight(parent);
        case ts.SyntaxKind.CommaToken:
          return parent.left === outer || this.staysInSight(parent);
        case ts.SyntaxKind.EqualsEqualsToken:
        case ts.SyntaxKind.EqualsEqualsEqualsToken:
        case ts.SyntaxKind.ExclamationEqualsToken:
        case ts.SyntaxKind.ExclamationEqualsEqualsToken:
          return true;
        case ts.SyntaxKind.InKeyword:
          return parent.right === outer;
        default:
          return false;
      }
    }
    return ts.isExpressionStatement(parent) || ts.isTypeOfExpression(parent) || ts.isVoidExpression(parent) || ts.isPrefixUnaryExpression(parent) || ts.isIfStatement(parent);
  }

  /** `globalThis.github`, `globalThis[name]`: no declaration says what that is. */
  private visitGlobalThis(node: ts.PropertyAccessExpression | ts.ElementAccessExpression): void {
    const object = withoutTypes(node.expression);
    if (!ts.isIdentifier(object) || object.text !== 'globalThis' || !isAmbient(this.checker.getSymbolAtLocation(object))) return;
    const keys = ts.isPropertyAccessExpression(node) ? [node.name.text] : this.keysOf(node.argumentExpression);
    if (keys === undefined || keys.includes('globalThis')) this.addDynamic(node);
    for (const key of keys ?? []) if (this.namespaces.has(key) || key === 'codemode') this.addDynamic(node, key);
  }

  /** The tools an expression names; none where it is not a name. */
  private toolsOf(node: ts.Expression): readonly NamedTool[] {
    if (ts.isPropertyAccessExpression(node)) return !this.reading.tools.mayBeMember(node.name.text) ? [] : this.reading.tools.ofSymbol(this.checker.getSymbolAtLocation(node.name));
    if (ts.isElementAccessExpression(node)) {
      const object = this.checker.getTypeAtLocation(node.expression);
      if (this.reading.tools.namespacesOf(object).length === 0) return [];
      return (this.keysOf(node.argumentExpression) ?? []).flatMap((key) => this.reading.tools.ofSymbol(this.checker.getPropertyOfType(this.checker.getNonNullableType(object), key)));
    }
    return [];
  }

  /** The keys an index may be; `undefined` where only the run tells. */
  private keysOf(node: ts.Expression): readonly string[] | undefined {
    const type = this.checker.getTypeAtLocation(node);
    const parts = type.isUnion() ? type.types : [type];
    const keys = parts.map((part) => (part.isStringLiteral() ? part.value : undefined));
    return keys.some((key) => key === undefined) ? undefined : (keys as string[]);
  }

  private add(tools: readonly NamedTool[], node: ts.Node, call?: ts.CallExpression): void {
    for (const tool of tools) {
      const literals = call === undefined ? undefined : this.literalsOf(tool, call);
      const [first] = tool.namespace === 'codemode' || call === undefined ? [] : call.arguments;
      const beginnings = first === undefined ? {} : literalBeginnings(first, this.checker);
      this.entries.push({ ...tool, ...this.at(node), ...(literals === undefined ? {} : { literals }), ...(Object.keys(beginnings).length > 0 && { beginnings }), inLoop: this.repetition.repeats(node) || isPassedToEach(node) });
    }
  }

  private literalsOf(tool: NamedTool, call: ts.CallExpression): Record<string, JsonValue> | undefined {
    if (tool.namespace !== 'codemode') {
      const [first] = call.arguments;
      return first === undefined ? undefined : literalMembers(first, this.checker);
    }
    // Functions of `codemode` take several arguments: they go by the names of the parameters.
    const parameters = this.checker.getResolvedSignature(call)?.parameters ?? [];
    const literals: Record<string, JsonValue> = {};
    for (const [index, argument] of call.arguments.entries()) {
      const name = parameters[index]?.name;
      const value = name === undefined ? undefined : literalValue(argument, this.checker);
      if (name !== undefined && value !== undefined) literals[name] = value;
    }
    return literals;
  }

  private addDynamic(node: ts.Node, namespace?: string): void {
    this.dynamic.push({ ...this.at(node), ...(namespace === undefined ? {} : { namespace }) });
  }

  private at(node: ts.Node): ScriptPosition {
    return this.reading.positions.at(node.getStart(this.reading.file) - this.reading.offset);
  }
}

/** The outermost expression that differs only by parentheses and types. */
function withTypes(node: ts.Node): ts.Node {
  let outer = node;
  for (;;) {
    const parent: ts.Node = outer.parent;
    if (!ts.isParenthesizedExpression(parent) && !ts.isAsExpression(parent) && !ts.isSatisfiesExpression(parent) && !ts.isNonNullExpression(parent)) return outer;
    outer = parent;
  }
}

/** TypeScript's own symbol of `globalThis`, which nothing declares. */
function isAmbient(symbol: ts.Symbol | undefined): boolean {
  return (symbol?.declarations ?? []).length === 0;
}

function isCallee(node: ts.Node): boolean {
  const outer = withTypes(node);
  return ts.isCallExpression(outer.parent) && outer.parent.expression === outer;
}

function isAccessed(node: ts.Node): boolean {
  const outer = withTypes(node);
  const parent: ts.Node = outer.parent;
  return (ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent)) && parent.expression === outer;
}

/** `paths.map(repo.read)` */
function isPassedToEach(node: ts.Node): boolean {
  return isCallbackForEach(withTypes(node));
}

/** Whether an identifier stands for a value here, rather than naming a member or declaring something. */
function isExpression(node: ts.Identifier): boolean {
  const parent: ts.Node = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isBindingElement(parent) || ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isPropertyDeclaration(parent)) return parent.initializer === node;
  if (ts.isFunctionLike(parent)) return ts.isArrowFunction(parent) && parent.body === node;
  if (ts.isClassLike(parent) || ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent) || ts.isMetaProperty(parent)) return false;
  if (ts.isInterfaceDeclaration(parent) || ts.isTypeAliasDeclaration(parent) || ts.isTypeParameterDeclaration(parent) || ts.isExportSpecifier(parent)) return false;
  return true;
}
