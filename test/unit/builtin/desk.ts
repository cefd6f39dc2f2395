import type { Attachment, CallContext, ToolSource } from '../../../src/catalog/source.js';
import type { CallId } from '../../../src/ids.js';
import type { JsonObject } from '../../../src/json.js';
import { createValidator } from '../../../src/typings/validation/validate.js';
import { Workshop, conversation, run } from '../changes/workshop.js';

/** A workspace with one built-in source over it, called as runs call it. */
export class Desk extends Workshop {
  readonly kept: Attachment[] = [];

  constructor(readonly source: ToolSource) {
    super();
  }

  /** The value of a call; a refusal is thrown as its message. Input and output must be what the schemas say. */
  async call<T = JsonObject>(tool: string, args: JsonObject = {}, signal = new AbortController().signal): Promise<T> {
    const description = this.source.tools.find((one) => one.name === tool);
    if (description === undefined) throw new Error(`No tool ${tool}.`);
    const wrong = createValidator(description.inputSchema)(args);
    if (wrong.length > 0) throw new Error(`Input ${wrong[0]!.path}: ${wrong[0]!.message}`);
    const context: CallContext = {
      runId: run, callId: 'call-1' as CallId, conversation, signal, workspace: this.view(conversation, signal), onProgress: () => undefined,
      keep: (attachment) => {
        this.kept.push(attachment);
        return { handle: `h${this.kept.length}`, mimeType: attachment.mimeType, bytes: attachment.data.byteLength };
      },
    };
    const result = await this.source.call(tool, args, context);
    if (!result.ok) throw new Error(result.message);
    const odd = createValidator(description.outputSchema ?? true)(result.value);
    if (odd.length > 0) throw new Error(`Output of ${tool} ${odd[0]!.path}: ${odd[0]!.message}`);
    return result.value as T;
  }

  /** What a call is refused with. */
  async refusal(tool: string, args: JsonObject = {}): Promise<string> {
    return this.call(tool, args).then((value) => { throw new Error(`${tool} answered ${JSON.stringify(value)}`); }, (error: Error) => error.message);
  }
}
