import type { JsonValue } from '../../json.js';

/** Depth without recursion: the value is a stranger's and may nest without end. */
export function depthWithin(value: JsonValue | undefined, limit: number): boolean {
  const stack: { readonly value: JsonValue | undefined; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue;
    if (next.depth > limit) return false;
    for (const item of Array.isArray(next.value) ? (next.value as readonly JsonValue[]) : Object.values(next.value)) {
      if (typeof item === 'object' && item !== null) stack.push({ value: item, depth: next.depth + 1 });
    }
  }
  return true;
}

/** About how many characters of JSON a value is; also without recursion, and counted no further than `most`. */
export function sizeOf(value: JsonValue, most: number): number {
  let size = 0;
  const stack: JsonValue[] = [value];
  for (let next = stack.pop(); next !== undefined && size <= most; next = stack.pop()) {
    if (typeof next === 'string') size += next.length + 2;
    else if (typeof next !== 'object' || next === null) size += 5;
    else if (Array.isArray(next)) {
      size += 2;
      for (const item of next as readonly JsonValue[]) stack.push(item);
    } else {
      for (const [name, item] of Object.entries(next)) {
        size += name.length + 4;
        stack.push(item);
      }
    }
  }
  return size;
}
