import type { CatalogTool } from '../../catalog/catalog.js';
import { isJsonObject, type JsonSchema, type JsonValue } from '../../json.js';

/** What a new script begins with: it runs as it is, and reads only. */
export const emptyScript = `/** Lists the files of the workspace. Completion after \`repo.\` shows what else there is. */
export default async function () {
  const files = await repo.glob({ pattern: '**/*' });
  return files;
}
`;

/** A script that calls one tool with the arguments it needs. */
export function scriptFor(tool: CatalogTool): string {
  const args = Object.entries(required(tool.inputSchema));
  const object = args.length === 0 ? '{}' : `{\n${args.map(([name, value]) => `    ${/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)}: ${value},`).join('\n')}\n  }`;
  return `export default async function () {
  const result = await ${tool.namespace}.${tool.member}(${object});
  return result;
}
`;
}

/** A placeholder for each required property; the first is marked, to be typed over. */
function required(schema: JsonSchema): Readonly<Record<string, string>> {
  if (!isJsonObject(schema) || !isJsonObject(schema['properties']) || !Array.isArray(schema['required'])) return {};
  const properties = schema['properties'];
  const names = (schema['required'] as readonly JsonValue[]).filter((name): name is string => typeof name === 'string');
  return Object.fromEntries(names.map((name, index) => [name, `${placeholder(properties[name])}${index === 0 ? ' /* … */' : ''}`]));
}

function placeholder(schema: JsonValue | undefined): string {
  if (!isJsonObject(schema)) return '{}';
  if ('default' in schema) return JSON.stringify(schema['default']);
  if (Array.isArray(schema['enum']) && schema['enum'].length > 0) return JSON.stringify(schema['enum'][0]);
  switch (Array.isArray(schema['type']) ? schema['type'][0] : schema['type']) {
    case 'string':
      return "''";
    case 'number':
    case 'integer':
      return '0';
    case 'boolean':
      return 'false';
    case 'array':
      return '[]';
    default:
      return '{}';
  }
}
