import * as ts from 'typescript';

/** The parts of a script that somebody reads, in the order of the text, found in one walk. Types are left out. */
export interface Outline {
  readonly identifiers: readonly ts.Identifier[];
  readonly calls: readonly ts.CallExpression[];
  readonly accesses: readonly (ts.PropertyAccessExpression | ts.ElementAccessExpression)[];
  readonly variables: readonly (ts.VariableDeclaration | ts.ParameterDeclaration)[];
  readonly bindings: readonly ts.BindingElement[];
  readonly functions: readonly ts.SignatureDeclaration[];
  readonly loops: readonly ts.IterationStatement[];
  readonly statements: readonly ts.ExpressionStatement[];
  readonly spreads: readonly (ts.SpreadElement | ts.SpreadAssignment)[];
  /** Syntax that TypeScript takes and the sandbox does not. */
  readonly foreign: readonly ts.Node[];
}

export function outlineOf(file: ts.SourceFile): Outline {
  const identifiers: ts.Identifier[] = [];
  const calls: ts.CallExpression[] = [];
  const accesses: (ts.PropertyAccessExpression | ts.ElementAccessExpression)[] = [];
  const variables: (ts.VariableDeclaration | ts.ParameterDeclaration)[] = [];
  const bindings: ts.BindingElement[] = [];
  const functions: ts.SignatureDeclaration[] = [];
  const loops: ts.IterationStatement[] = [];
  const statements: ts.ExpressionStatement[] = [];
  const spreads: (ts.SpreadElement | ts.SpreadAssignment)[] = [];
  const foreign: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    switch (node.kind) {
      case ts.SyntaxKind.Identifier:
        identifiers.push(node as ts.Identifier);
        return;
      case ts.SyntaxKind.CallExpression:
        calls.push(node as ts.CallExpression);
        if ((node as ts.CallExpression).expression.kind === ts.SyntaxKind.ImportKeyword) foreign.push(node);
        break;
      case ts.SyntaxKind.PropertyAccessExpression:
      case ts.SyntaxKind.ElementAccessExpression:
        accesses.push(node as ts.PropertyAccessExpression);
        break;
      case ts.SyntaxKind.VariableDeclaration:
      case ts.SyntaxKind.Parameter:
        variables.push(node as ts.VariableDeclaration);
        break;
      case ts.SyntaxKind.BindingElement:
        bindings.push(node as ts.BindingElement);
        break;
      case ts.SyntaxKind.ForStatement:
      case ts.SyntaxKind.ForInStatement:
      case ts.SyntaxKind.ForOfStatement:
      case ts.SyntaxKind.WhileStatement:
      case ts.SyntaxKind.DoStatement:
        loops.push(node as ts.IterationStatement);
        break;
      case ts.SyntaxKind.ExpressionStatement:
        statements.push(node as ts.ExpressionStatement);
        break;
      case ts.SyntaxKind.SpreadElement:
      case ts.SyntaxKind.SpreadAssignment:
        spreads.push(node as ts.SpreadElement);
        break;
      case ts.SyntaxKind.Decorator:
        foreign.push(node);
        break;
      case ts.SyntaxKind.MetaProperty:
        if ((node as ts.MetaProperty).keywordToken === ts.SyntaxKind.ImportKeyword || isOutsideFunctions(node)) foreign.push(node);
        break;
      case ts.SyntaxKind.PropertyDeclaration:
        if (ts.isAutoAccessorPropertyDeclaration(node)) foreign.push(node);
        break;
      case ts.SyntaxKind.VariableDeclarationList:
        if ((node.flags & ts.NodeFlags.Using) !== 0) foreign.push(node);
        break;
      case ts.SyntaxKind.ModuleDeclaration:
        if ((node.flags & ts.NodeFlags.GlobalAugmentation) !== 0) foreign.push(node);
        break;
      case ts.SyntaxKind.InterfaceDeclaration:
      case ts.SyntaxKind.TypeAliasDeclaration:
        return;
      default:
        if (ts.isTypeNode(node) && node.kind !== ts.SyntaxKind.ExpressionWithTypeArguments) return;
        if (ts.isFunctionLike(node)) functions.push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { identifiers, calls, accesses, variables, bindings, functions, loops, statements, spreads, foreign };
}

/** Whether the functions around a node are no more than the one that a body is wrapped in, and arrow functions. */
function isOutsideFunctions(node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node.parent; at !== undefined; at = at.parent) {
    if (ts.isFunctionLike(at) && !ts.isArrowFunction(at)) return ts.isFunctionDeclaration(at) && at.name?.text === '$script';
    if (ts.isClassLike(at)) return false;
  }
  return true;
}
