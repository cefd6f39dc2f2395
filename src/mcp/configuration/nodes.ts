import { getNodeValue, type Node } from 'jsonc-parser';
import type { JsonValue } from '../../json.js';

/** Tells a problem at a node. */
export type Complain = (node: Node, message: string) => void;

export function member(node: Node | undefined, name: string): Node | undefined {
  const property = node?.children?.find((child) => child.type === 'property' && child.children?.[0]?.value === name);
  return property?.children?.[1];
}

export function valueOf(node: Node | undefined): JsonValue | undefined {
  return node === undefined ? undefined : (getNodeValue(node) as JsonValue);
}
