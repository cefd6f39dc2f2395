import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/json.js';

const longest = 300;

/** For each of several calls of one tool a line of the values that the others do not share; of what all share, the beginning. */
export function tellApart(calls: readonly JsonObject[]): readonly string[] {
  const all = calls.map((args) => leavesOf(args, ''));
  const counts = new Map<string, number>();
  for (const leaves of all) for (const [path, value] of leaves) counts.set(`${path} ${value}`, (counts.get(`${path} ${value}`) ?? 0) + 1);
  return all.map((leaves) => {
    const own = leaves.filter(([path, value]) => counts.get(`${path} ${value}`) !== all.length);
    const shown = own.length > 0 ? own : leaves;
    return shown
      .map(([, value]) => value)
      .join(' · ')
      .replaceAll(/\s+/g, ' ')
      .slice(0, longest);
  });
}

/** Every value in a value, with where it stands. */
function leavesOf(value: JsonValue, path: string): readonly (readonly [string, string])[] {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap((item, index) => leavesOf(item, `${path}.${index}`));
  if (isJsonObject(value)) return Object.entries(value).flatMap(([name, member]) => leavesOf(member, `${path}.${name}`));
  return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
}
