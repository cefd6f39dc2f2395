import type { ToolRef } from '../../../src/catalog/source.js';
import type { RunId } from '../../../src/ids.js';
import { send } from './host.js';

/** Where a call was made, and what was called. */
export function CallLinks({ run, line, tool }: { readonly run: RunId; readonly line?: number; readonly tool: ToolRef }) {
  return (
    <>
      {line !== undefined && (
        <button type="button" class="link" onClick={() => send({ type: 'openScript', run, line })}>
          line {line}
        </button>
      )}
      <button type="button" class="link" onClick={() => send({ type: 'openDeclaration', source: tool.source, tool: tool.name })}>
        declaration
      </button>
    </>
  );
}
