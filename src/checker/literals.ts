import * as ts from 'typescript';
import type { JsonValue } from '../json.js';

type Literals = Record<string, JsonValue>;

/** A text put together of others is not followed further: each can be twice as long as the one before. */
const longestJoined = 64 * 1024;

/** The members of an object literal whose values are known from reading; `undefined` where it is no object literal. */
export function literalMembers(expression: ts.Expression, checker: ts.TypeChecker): Literals | undefined {
  const object = withoutTypes(expression);
  return ts.isObjectLiteralExpression(object) ? membersOf(object, checker) : undefined;
}

/** The members of an object literal that are texts with a literal beginning, which is not all of them. */
export function literalBeginnings(expression: ts.Expression, checker: ts.TypeChecker): Record<string, string> {
  const object = withoutTypes(expression);
  const beginnings = new Map<string, string>();
  if (!ts.isObjectLiteralExpression(object)) return {};
  for (const property of object.properties) {
    const name = ts.isSpreadAssignment(property) ? undefined : nameOf(property.name, checker);
    if (name === undefined) {
      // It may replace whatever stands before it.
      beginnings.clear();
      continue;
    }
    beginnings.delete(name);
    if (!ts.isPropertyAssignment(property) || name === '__proto__') continue;
    const beginning = beginningOf(withoutTypes(property.initializer), checker);
    if (beginning !== '' && literalValue(property.initializer, checker) === undefined) beginnings.set(name, beginning);
  }
  return Object.fromEntries(beginnings);
}

function beginningOf(node: ts.Expression, checker: ts.TypeChecker): string {
  const value = literalValue(node, checker);
  if (typeof value === 'string') return value;
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) return beginningOf(withoutTypes(node.left), checker);
  if (!ts.isTemplateExpression(node)) return '';
  let text = node.head.text;
  for (const span of node.templateSpans) {
    const part = literalValue(span.expression, checker);
    if (part === undefined || typeof part === 'object') break;
    text += `${String(part)}${span.literal.text}`;
  }
  return text;
}

/** The value of an expression, where reading tells it. */
export function literalValue(expression: ts.Expression, checker: ts.TypeChecker): JsonValue | undefined {
  const node = withoutTypes(expression);
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return finite(Number(node.text));
  switch (node.kind) {
    case ts.SyntaxKind.TrueKeyword:
      return true;
    case ts.SyntaxKind.FalseKeyword:
      return false;
    case ts.SyntaxKind.NullKeyword:
      return null;
    default:
  }
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken && ts.isNumericLiteral(node.operand)) return finite(-Number(node.operand.text));
  if (ts.isObjectLiteralExpression(node)) return membersOf(node, checker);
  if (ts.isArrayLiteralExpression(node)) {
    const values = node.elements.map((element) => literalValue(element, checker));
    return values.some((value) => value === undefined) ? undefined : (values as JsonValue[]);
  }
  if (ts.isTemplateExpression(node)) {
    let text = node.head.text;
    for (const span of node.templateSpans) {
      const value = literalValue(span.expression, checker);
      if (value === undefined || typeof value === 'object') return undefined;
      text += `${String(value)}${span.literal.text}`;
      if (text.length > longestJoined) return undefined;
    }
    return text;
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [literalValue(node.left, checker), literalValue(node.right, checker)];
    return typeof left === 'string' && typeof right === 'string' && left.length + right.length <= longestJoined ? left + right : undefined;
  }
  return ts.isIdentifier(node) ? constant(node, checker) : undefined;
}

/** Of the names of a program: each is followed once, since one that names another twice would double the work. */
const constants = new WeakMap<ts.TypeChecker, Map<ts.Declaration, JsonValue | undefined>>();

/** A `const` that was given a literal; what may change later is not followed. */
function constant(node: ts.Identifier, checker: ts.TypeChecker): JsonValue | undefined {
  const parent: ts.Node = node.parent;
  const symbol = ts.isShorthandPropertyAssignment(parent) ? checker.getShorthandAssignmentValueSymbol(parent) : checker.getSymbolAtLocation(node);
  const declaration = symbol?.valueDeclaration;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration) || declaration.initializer === undefined) return undefined;
  if (!isConst(declaration) || !ts.isIdentifier(declaration.name)) return undefined;
  let known = constants.get(checker);
  if (known === undefined) constants.set(checker, (known = new Map<ts.Declaration, JsonValue | undefined>()));
  if (known.has(declaration)) return known.get(declaration);
  // One that names itself, by whatever way round, has no value.
  known.set(declaration, undefined);
  const value = literalValue(declaration.initializer, checker);
  const followed = typeof value === 'object' && value !== null ? undefined : value;
  known.set(declaration, followed);
  return followed;
}

function isConst(declaration: ts.VariableDeclaration): boolean {
  const kind: number = ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.BlockScoped;
  return kind === (ts.NodeFlags.Const as number);
}

function membersOf(object: ts.ObjectLiteralExpression, checker: ts.TypeChecker): Literals {
  const members = new Map<string, JsonValue>();
  for (const property of object.properties) {
    const name = ts.isSpreadAssignment(property) ? undefined : nameOf(property.name, checker);
    if (name === undefined) {
      // It may replace whatever stands before it.
      members.clear();
      continue;
    }
    if (name === '__proto__') continue;
    const value = ts.isPropertyAssignment(property)
      ? literalValue(property.initializer, checker)
      : ts.isShorthandPropertyAssignment(property)
        ? constant(property.name, checker)
        : undefined;
    if (value === undefined) members.delete(name);
    else members.set(name, value);
  }
  return Object.fromEntries(members);
}

function nameOf(name: ts.PropertyName, checker: ts.TypeChecker): string | undefined {
  if (ts.isIdentifier(name) || ts.isStringLiteralLike(name) || ts.isNumericLiteral(name)) return name.text;
  if (!ts.isComputedPropertyName(name)) return undefined;
  const value = literalValue(name.expression, checker);
  return typeof value === 'string' ? value : undefined;
}

/** The expression without parentheses and what only types say. */
export function withoutTypes(expression: ts.Expression): ts.Expression {
  let node = expression;
  while (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isNonNullExpression(node)) node = node.expression;
  return node;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
