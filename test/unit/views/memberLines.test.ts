import { describe, expect, it } from 'vitest';
import { declareServer } from '../../../src/typings/server.js';
import { linesOfMembers } from '../../../src/views/api/memberLines.js';

const plain = { type: 'object', properties: { list: { type: 'string' }, read: { type: 'object', properties: { list: { type: 'number' } } } } };
const recursive = { type: 'object', properties: { node: { $ref: '#/$defs/Node' } }, $defs: { Node: { type: 'object', properties: { list: { $ref: '#/$defs/Node' }, name: { type: 'string' } } } } };

describe('the line of each declaration', () => {
  for (const [what, inputSchema] of [['tools alone', plain], ['types of its own', recursive]] as const) {
    it(`is found in a server with ${what}, whatever members and comments are called like a tool`, () => {
      const tools = ['list', 'read', 'delete'].map((member) => ({ name: member, member, description: `The tool ${member}.\nlist(args) is not here.`, inputSchema }));
      const { text } = declareServer({ namespace: 'files', tools });
      const lines = text.split('\n');
      const found = linesOfMembers(text, 'files', ['list', 'read', 'delete', 'gone']);
      expect([...found.keys()]).toEqual(['list', 'read', 'delete']);
      for (const [member, line] of found) expect(lines[line]).toMatch(new RegExp(`^\\s*${member}\\(args`));
    });
  }
});
