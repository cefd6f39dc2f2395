import type { ToolResult } from '../catalog/source.js';
import type { JsonValue } from '../json.js';
import type { Recorded } from './events.js';
import type { Invocation } from './invocation.js';
import type { RunParts } from './parts.js';
import { issuesText } from './validators.js';

/** Larger results (bytes of JSON) are not held against their output schema. */
const largestChecked = 256 * 1024;

export interface TakenResult {
  /** What the script gets. */
  readonly value: JsonValue | undefined;
  readonly recorded: Recorded;
  readonly notices: readonly string[];
}

/** Turns a tool's answer into what the script gets and the journal holds. */
export class CallResult {
  constructor(
    private readonly parts: RunParts,
    private readonly resultBytes: number,
  ) {}

  take(invocation: Invocation, result: Extract<ToolResult, { ok: true }>): TakenResult {
    const { recorder, redact, handles, catalog } = this.parts;
    const { policy, outputSchema } = invocation;
    // A file that holds a secret must come back as it is, or a script would write it back without; a server's echo must not.
    const value = policy.sourceKind === 'builtin' ? result.value : redact.known(result.value);
    const notices = [...(result.notices ?? [])];
    if (value === undefined) return { value, recorded: recorder.record(undefined), notices };
    const json = textOf(value);
    if (json === undefined) {
      const handle = handles.keepLarge('This result nests too deeply to be written as JSON.', '');
      return { value: handle, recorded: recorder.record(handle), notices: [...notices, 'The tool ran; its result nests too deeply to be handed over.'] };
    }
    if (policy.ref.kind === 'tool' && !policy.helper && outputSchema === undefined) catalog.observe(policy.ref, value);
    if (json.length > this.resultBytes || Buffer.byteLength(json) > this.resultBytes) {
      const handle = handles.keepLarge(value, json);
      const notice = `The result has ${handle.bytes} bytes, more than a script gets at once: it came as a handle. Read it in parts with codemode.read(handle, { start, end }).`;
      return { value: handle, recorded: recorder.record(handle), notices: [...notices, notice] };
    }
    if (outputSchema !== undefined && json.length <= largestChecked) {
      const issues = this.parts.validators.validate(outputSchema, value);
      if (issues.length > 0) notices.push(`The result is not what ${invocation.label} declares: ${issuesText(issues, value)}`);
    }
    return { value, recorded: recorder.record(value, json), notices };
  }
}

function textOf(value: JsonValue): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
