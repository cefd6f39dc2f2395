import type { ConversationId } from '../ids.js';
import { isJsonObject, type JsonObject, type JsonSchema, type JsonValue } from '../json.js';
import type { ExposedAnswer, ExposedCaller, ExposedRooms, ExposedTool } from '../mcp/expose/ports.js';
import type { RunEvent } from '../runs/events.js';
import type { Run } from '../runs/run.js';
import { BadInput, type Assistant } from './assistant.js';

/** The tools of agent mode for clients outside the editor: one description of each, that of `package.json`. */
export function exposeAssistant(assistant: Assistant, manifest: JsonObject, surface: () => Promise<string>): ExposedRooms {
  return {
    tools: toolsOf(manifest),
    instructions: async () => `Code Mode turns the MCP servers, files, git and code analysis of an editor window into one TypeScript API. Search it, describe what you are not certain of, and run one script instead of many calls. The developer sees each run in the editor and answers its questions there.\n\n${await surface()}`,
    call: async (tool, args, caller) => {
      switch (tool) {
        case 'codemode_search':
          return { text: await assistant.search(args) };
        case 'codemode_describe':
          return { text: await assistant.describe(args) };
        case 'codemode_run':
          return run(assistant, args, caller);
        default:
          throw new BadInput(`There is no tool ${JSON.stringify(tool)}. There are codemode_search, codemode_describe and codemode_run.`);
      }
    },
  };
}

interface ContributedTool {
  readonly name: string;
  readonly modelDescription: string;
  readonly inputSchema: JsonSchema;
}

function toolsOf(manifest: JsonObject): readonly ExposedTool[] {
  const contributes = isJsonObject(manifest['contributes']) ? manifest['contributes'] : {};
  const tools = Array.isArray(contributes['languageModelTools']) ? (contributes['languageModelTools'] as readonly JsonValue[]) : [];
  return (tools as readonly unknown[] as readonly ContributedTool[]).map(({ name, modelDescription, inputSchema }) => ({ name, description: modelDescription, inputSchema, readOnly: name !== 'codemode_run' }));
}

async function run(assistant: Assistant, args: JsonObject, { client, conversation, signal, onProgress }: ExposedCaller): Promise<ExposedAnswer> {
  const { title, script } = assistant.readRun(args);
  let following: { dispose(): void } | undefined;
  try {
    const { report, run: ended } = await assistant.run({
      title: `${title} (${client})`,
      script,
      origin: 'mcp',
      conversation: conversation as ConversationId,
      signal,
      onStart: (started: Run) => {
        following = started.onDidAppend((event) => {
          const message = messageOf(event);
          if (message !== undefined) onProgress({ message });
        });
      },
      onReview: () => onProgress({ message: 'The changes wait for the review of the developer in the editor.' }),
    });
    return { text: report, images: await ended.images() };
  } finally {
    following?.dispose();
  }
}

/** What a person in another client is told of a run under way. */
function messageOf(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'startAsked':
    case 'callAsked':
      return 'The developer is asked in the Code Mode view of the editor.';
    case 'callRequested':
      return event.name;
    case 'reviewAsked':
      return 'The changes wait for the review of the developer in the editor.';
    default:
      return undefined;
  }
}
