import type { SourceState, ToolDescription, ToolSource } from '../../../src/catalog/source.js';
import { Emitter } from '../../../src/lifecycle/event.js';

type FakeTool = Partial<ToolDescription> & { readonly name: string };

export interface FakeSource extends ToolSource {
  setTools(tools: readonly FakeTool[]): void;
}

/** A source whose tools a test sets; calling one answers with its name. */
export function fakeSource(id: string, tools: readonly FakeTool[], more: Partial<ToolSource> = {}): FakeSource {
  const changed = new Emitter<void>();
  const complete = (list: readonly FakeTool[]): readonly ToolDescription[] =>
    list.map((tool) => ({ inputSchema: { type: 'object' }, ...tool }));
  let current = complete(tools);
  const state: SourceState = { kind: 'ready' };
  return {
    id,
    kind: 'mcp',
    title: id,
    definitionHash: `hash of ${id}`,
    trusted: false,
    state,
    onDidChangeTools: changed.event,
    onDidChangeState: new Emitter<void>().event,
    call: async (tool) => ({ ok: true, value: tool }),
    ...more,
    get tools() {
      return current;
    },
    setTools(list) {
      current = complete(list);
      changed.fire();
    },
  };
}
