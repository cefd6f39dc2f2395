import { CLIENT_INFO_META_KEY, Server, type ServerContext } from '@modelcontextprotocol/server';
import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../json.js';
import { neutralise } from '../neutralise.js';
import type { ExposedRooms } from './ports.js';

/** Ties the calls of clients without sessions (2026-07-28) together. */
export type ConversationOf = (client: string, session: string | undefined) => string;

/** A conversation's name from whatever makes it one; shows nothing of that. */
export function conversationName(...parts: readonly string[]): string {
  return `mcp-${createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 24)}`;
}

/** One MCP server for one session or request: it only passes calls on. */
export async function exposedServer(rooms: ExposedRooms, version: string, conversationOf: ConversationOf): Promise<Server> {
  const server = new Server({ name: 'code-mode', title: 'Code Mode', version }, { capabilities: { tools: {} }, instructions: await rooms.instructions() });
  server.setRequestHandler('tools/list', () => ({
    tools: rooms.tools.map(({ name, title, description, inputSchema, readOnly }) => ({
      name,
      description,
      inputSchema: inputSchema as { type: 'object' },
      annotations: { readOnlyHint: readOnly, ...(title === undefined ? {} : { title }), ...(readOnly ? { openWorldHint: false } : {}) },
    })),
  }));
  server.setRequestHandler('tools/call', async (request, context) => {
    const { name, arguments: args } = request.params;
    const client = clientName(server, context);
    try {
      const { text, images = [] } = await rooms.call(name, isJsonObject(args) ? args : {}, {
        client,
        conversation: conversationOf(client, context.sessionId),
        signal: context.mcpReq.signal,
        onProgress: progressOf(context),
      });
      return { content: [{ type: 'text', text }, ...images.map(({ data, mimeType }) => ({ type: 'image' as const, data: Buffer.from(data).toString('base64'), mimeType }))] };
    } catch (error) {
      return { isError: true, content: [{ type: 'text', text: error instanceof Error ? error.message : String(error) }] };
    }
  });
  return server;
}

function clientName(server: Server, context: ServerContext): string {
  const envelope = context.mcpReq.envelope as JsonObject | undefined;
  const said = envelope?.[CLIENT_INFO_META_KEY] ?? (server.getClientVersion());
  const name = isJsonObject(said) ? (said.title ?? said.name) : undefined;
  const text = typeof name === 'string' ? neutralise(name).text.trim().slice(0, 40) : '';
  return text === '' ? 'another client' : text;
}

/** Progress grows with each report, as the protocol wants it; a client that asked for none is sent none. */
function progressOf({ mcpReq }: ServerContext): (progress: { readonly message?: string }) => void {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return () => undefined;
  let count = 0;
  return ({ message }) => {
    const params: JsonObject = { progressToken, progress: ++count, ...(message === undefined ? {} : { message }) };
    void mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined);
  };
}
