import * as ts from 'typescript';
import type { NamedTool } from './tools.js';

const longest = 2_000;

/** A tool's declaration with the types it is made of, as someone who calls it wants to read it. */
export function toolText(tool: NamedTool, declaration: ts.Node, checker: ts.TypeChecker): string {
  const own = declaration.getText().replace(/[;,]\s*$/, '');
  const name = (declaration as Partial<ts.NamedDeclaration>).name;
  const signature = name === undefined ? own : `${tool.namespace}.${tool.member}${own.slice(name.getEnd() - declaration.getStart())}`;
  return withTypesOf(`${signature};`, declaration, checker);
}

/** The declaration of a type, or of anything else that has one in the typings. */
export function declarationText(declaration: ts.Node, checker: ts.TypeChecker): string {
  return withTypesOf(declaration.getText(), declaration, checker);
}

/** Adds the types that a declaration names, nearest first, as far as there is room. */
function withTypesOf(text: string, declaration: ts.Node, checker: ts.TypeChecker): string {
  const file = declaration.getSourceFile();
  const seen = new Set<ts.Node>([declaration]);
  const queue: ts.Node[] = [declaration];
  let result = text.length > longest ? `${text.slice(0, longest)}…` : text;
  const collect = (node: ts.Node): void => {
    if (ts.isTypeReferenceNode(node)) {
      const symbol = checker.getSymbolAtLocation(node.typeName);
      for (const found of symbol?.declarations ?? []) {
        if (found.getSourceFile() !== file || ts.isTypeParameterDeclaration(found) || seen.has(found)) continue;
        seen.add(found);
        queue.push(found);
      }
    }
    ts.forEachChild(node, collect);
  };
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    if (node !== declaration) {
      const more = dedented(node);
      if (result.length + more.length > longest) break;
      result += `\n${more}`;
    }
    collect(node);
  }
  return result;
}

/** The text of a declaration as if it stood at the left margin. */
function dedented(node: ts.Node): string {
  const text = node.getText().replace(/^(?:export |declare )+/, '');
  const rest = text.split('\n').slice(1).filter((line) => line.trim() !== '');
  const margin = Math.min(...rest.map((line) => line.length - line.trimStart().length));
  return Number.isFinite(margin) ? text.replace(new RegExp(`^[ \\t]{1,${String(Math.max(1, margin))}}`, 'gm'), margin === 0 ? '$&' : '') : text;
}
