import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Everything that is written under `src`. */
export function sourceText(): string {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.map((name) => readFileSync(path.join('src', name), 'utf8')).join('\n');
}
