import { describe, expect, it } from 'vitest';
import { declareServer } from '../../../src/typings/server.js';
import { indented } from '../../../src/typings/workspace/layout.js';

const node = { type: 'object', properties: { node: { $ref: '#/$defs/Node' }, deep: { type: 'object', properties: { text: { type: 'string', description: 'One.\nTwo, with a }.' }, flag: { type: 'boolean', description: 'Said.' } }, required: ['text'] } }, $defs: { Node: { type: 'object', properties: { next: { $ref: '#/$defs/Node' }, label: { type: 'string', description: 'First line.\nSecond line.' }, count: { type: 'integer' } } } } };

describe('declarations laid out for people', () => {
  const { text } = declareServer({ namespace: 'files', tools: [{ name: 'list', member: 'list', description: 'Lists.\nAll of them {', inputSchema: node }, { name: 'stop', member: 'stop', inputSchema: { type: 'object' } }] });

  it('are the same text but for white space at the beginnings of lines', () => {
    const lines = indented(text).split('\n');
    expect(lines.map((line) => line.trimStart())).toEqual(text.split('\n').map((line) => line.trimStart()));
  });

  it('stand as deep as their braces, and end where they began', () => {
    const lines = indented(text).split('\n').filter((line) => line !== '');
    let depth = 0;
    let inComment = false;
    for (const line of lines) {
      const content = line.trimStart();
      const code = content.replace(/\/\*.*?\*\//g, '');
      if (!inComment && !content.startsWith('/*')) {
        if (code.startsWith('}')) depth--;
        expect(`${line.length - content.length}: ${content}`).toBe(`${2 * depth}: ${content}`);
        depth += (code.match(/\{/g)?.length ?? 0) - (code.match(/\}/g)?.length ?? 0) + (code.startsWith('}') ? 1 : 0);
      }
      if (content.includes('/*') && !content.includes('*/')) inComment = true;
      else if (content.includes('*/')) inComment = false;
    }
    expect(depth).toBe(0);
  });
});
