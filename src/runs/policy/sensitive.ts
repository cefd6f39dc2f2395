import { isJsonObject, type JsonObject, type JsonValue } from '../../json.js';
import { globMatches, normalPath, type LinkTarget } from './match.js';

/** Files that decide what runs on this machine, or hold secrets: changing one is asked for whatever was granted. */
export const sensitivePaths: readonly string[] = [
  '**/.git',
  '**/.git/**',
  '**/.gitmodules',
  '**/.gitattributes',
  '**/.vscode',
  '**/.vscode/**',
  '**/*.code-workspace',
  '**/.env*',
  '**/.env*/**',
  '**/.npmrc',
  '**/.yarnrc*',
  '**/package.json',
  '**/package-lock.json',
  '**/npm-shrinkwrap.json',
  '**/*.lock',
  '**/bun.lockb',
  '**/pnpm-lock.yaml',
  '**/go.sum',
  '**/gradle.lockfile',
  '**/packages.lock.json',
  '**/.mcp.json',
  '**/.codemode/policy*',
  '**/.codemode/policy*/**',
  '**/.github/workflows/**',
  '**/.husky/**',
];

/** Members of an argument that hold paths. What a tool calls its paths is not known, so this errs on the wide side. */
const pathMember = /(path|file|uri|dir|directory|folder|filename|destination|source|target)s?$|^(from|to|src|dest)$/i;

/** The first sensitive path among the arguments of a call, or that one of them leads to. */
export function sensitivePathIn(args: JsonObject, linkTarget?: LinkTarget): string | undefined {
  return find(args, linkTarget, false, 0);
}

function find(value: JsonValue, linkTarget: LinkTarget | undefined, isPath: boolean, depth: number): string | undefined {
  if (typeof value === 'string') return isPath && value.length <= 4096 ? sensitiveOf(value, linkTarget) : undefined;
  if (depth > 4) return undefined;
  if (Array.isArray(value)) return first(value as readonly JsonValue[], (item) => find(item, linkTarget, isPath, depth + 1));
  if (!isJsonObject(value)) return undefined;
  return first(Object.entries(value), ([member, item]) => find(item, linkTarget, pathMember.test(member), depth + 1));
}

function sensitiveOf(path: string, linkTarget: LinkTarget | undefined): string | undefined {
  if (isSensitive(path)) return path;
  const target = linkTarget?.(path);
  return target !== undefined && isSensitive(target) ? `${path}, which leads to ${target}` : undefined;
}

function first<T>(items: readonly T[], look: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isSensitive(path: string): boolean {
  const normal = normalPath(path);
  return sensitivePaths.some((glob) => globMatches(glob, normal));
}
