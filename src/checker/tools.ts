import * as ts from 'typescript';

/** A tool, or a function of `codemode`, by the names that scripts use. */
export interface NamedTool {
  readonly namespace: string;
  /** Dotted where nested: `resources.read`. */
  readonly member: string;
}

interface Members {
  /** The nodes that declare members, by name. */
  readonly names: ReadonlyMap<ts.Node, string>;
  /** The nodes that declare the namespace's own object, and objects nested in it. */
  readonly containers: ReadonlySet<ts.Node>;
}

/** Nodes of a declaration file live as long as its text does, so what they mean is found once. */
const known = new WeakMap<ts.SourceFile, Members>();

/** Tells tools by their declarations, so that neither renaming nor shadowing can hide or feign one. */
export class ToolDeclarations {
  private readonly memberNames = new Set<string>();

  constructor(
    private readonly checker: ts.TypeChecker,
    /** The declaration files that the script can name. */
    private readonly files: readonly ts.SourceFile[],
    private readonly namespaceOf: (file: ts.SourceFile) => string | undefined,
  ) {
    for (const file of files) {
      const namespace = namespaceOf(file);
      if (namespace === undefined) continue;
      for (const name of this.membersOf(file, namespace).names.values()) this.memberNames.add(name.slice(name.lastIndexOf('.') + 1));
    }
  }

  /** Whether some tool in reach of the script has this name: a quick no for all other names. */
  mayBeMember(name: string): boolean {
    return this.memberNames.has(name);
  }

  /** Whether something that the script can name has a result of unknown shape. */
  get someUnchecked(): boolean {
    return this.files.some((file) => file.text.includes('Unchecked'));
  }

  /** The tools a symbol may stand for: several where it belongs to a union of servers. */
  ofSymbol(symbol: ts.Symbol | undefined): readonly NamedTool[] {
    return (symbol?.declarations ?? []).flatMap((declaration) => this.ofDeclaration(declaration) ?? []);
  }

  ofDeclaration(declaration: ts.Node | undefined): NamedTool | undefined {
    if (declaration === undefined) return undefined;
    const found = this.membersAround(declaration);
    const member = found?.members.names.get(declaration);
    return found === undefined || member === undefined ? undefined : { namespace: found.namespace, member };
  }

  /** The namespaces whose object a type is. */
  namespacesOf(type: ts.Type): readonly string[] {
    if (type.isUnionOrIntersection()) return [...new Set(type.types.flatMap((part) => this.namespacesOf(part)))];
    for (const declaration of type.symbol?.declarations ?? []) {
      const found = this.membersAround(declaration);
      if (found?.members.containers.has(declaration) === true) return [found.namespace];
    }
    return [];
  }

  /** The global that a symbol is, where it is a server or `codemode`. */
  namespaceOfSymbol(symbol: ts.Symbol | undefined): string | undefined {
    const declaration = symbol?.declarations?.[0];
    if (declaration === undefined) return undefined;
    const namespace = this.namespaceOf(declaration.getSourceFile());
    return namespace === symbol?.name ? namespace : undefined;
  }

  private membersAround(declaration: ts.Node): { readonly namespace: string; readonly members: Members } | undefined {
    const file = declaration.getSourceFile();
    const namespace = this.namespaceOf(file);
    if (namespace === undefined) return undefined;
    return { namespace, members: this.membersOf(file, namespace) };
  }

  private membersOf(file: ts.SourceFile, namespace: string): Members {
    let members = known.get(file);
    if (members === undefined) {
      members = this.read(file, namespace);
      known.set(file, members);
    }
    return members;
  }

  private read(file: ts.SourceFile, namespace: string): Members {
    const names = new Map<ts.Node, string>();
    const containers = new Set<ts.Node>();
    const visit = (type: ts.Type, prefix: string): void => {
      for (const declaration of type.symbol?.declarations ?? []) containers.add(declaration);
      for (const property of this.checker.getPropertiesOfType(type)) {
        const declarations = (property.declarations ?? []).filter((declaration) => declaration.getSourceFile() === file);
        const [first] = declarations;
        if (first === undefined) continue;
        const name = `${prefix}${property.name}`;
        const nested = prefix === '' && namespace === 'codemode' ? this.checker.getTypeOfSymbolAtLocation(property, first) : undefined;
        if (nested !== undefined && nested.getCallSignatures().length === 0 && (nested.flags & ts.TypeFlags.Object) !== 0) {
          visit(nested, `${name}.`);
          continue;
        }
        for (const declaration of declarations) {
          names.set(declaration, name);
          if (ts.isPropertySignature(declaration) && declaration.type !== undefined && ts.isFunctionTypeNode(declaration.type)) names.set(declaration.type, name);
        }
      }
    };
    const declared = globalNamed(file, namespace);
    const symbol = declared === undefined ? undefined : this.checker.getSymbolAtLocation(declared);
    if (symbol !== undefined && declared !== undefined) visit(this.checker.getTypeOfSymbolAtLocation(symbol, declared), '');
    return { names, containers };
  }
}

/** The name in `declare const <name>: …`, else in `declare namespace <name> { … }`. */
function globalNamed(file: ts.SourceFile, name: string): ts.Identifier | undefined {
  let found: ts.Identifier | undefined;
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const { name: declared } of statement.declarationList.declarations) if (ts.isIdentifier(declared) && declared.text === name) return declared;
    } else if (ts.isModuleDeclaration(statement) && ts.isIdentifier(statement.name) && statement.name.text === name) found ??= statement.name;
  }
  return found;
}
