import { beginsIdentifier, isIdentifier, replaceOthers } from '../catalog/identifiers.js';

const plainIdentifier = /^[A-Za-z_$][\w$]*$/;

/** A member's name as it stands in an object type. */
export function propertyName(name: string): string {
  return plainIdentifier.test(name) || isIdentifier(name) ? name : stringLiteral(name);
}

export function stringLiteral(text: string): string {
  const literal = JSON.stringify(text);
  return lineSeparator.test(literal) ? literal.replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`) : literal;
}

const lineSeparator = /[\u2028\u2029]/;

/** A name for a type: `repo-filter` → `RepoFilter`; `Type` where nothing of it can stand in one. */
export function pascalCase(text: string): string {
  const name = replaceOthers(text.slice(0, 200), '_')
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
    .slice(0, 40);
  return beginsIdentifier(name) ? name : name === '' ? 'Type' : `Type${name}`;
}
