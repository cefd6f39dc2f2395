import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../../json.js';
import type { Recorded, RunEvent } from '../events.js';
import type { Recorder } from './recorded.js';

/** The journal as JSON lines, recorded values put back in where they are still kept. */
export async function jsonLines(events: readonly RunEvent[], recorder: Recorder): Promise<string> {
  const lines: string[] = [];
  for (const event of events) {
    const whole: Record<string, unknown> = { ...event };
    for (const member of ['args', 'value', 'params', 'differences']) {
      const recorded = whole[member];
      if (isRecorded(recorded)) whole[member] = await resolved(recorded, recorder);
    }
    if (event.type === 'ended' && event.outcome.status === 'finished') whole['outcome'] = { ...event.outcome, value: await resolved(event.outcome.value, recorder) };
    lines.push(`${JSON.stringify(whole)}\n`);
  }
  return lines.join('');
}

async function resolved(recorded: Recorded, recorder: Recorder): Promise<Recorded> {
  if (recorded.kind === 'inline') return recorded;
  const value = await recorder.read(recorded);
  return value === undefined ? recorded : { kind: 'inline', value };
}

function isRecorded(value: unknown): value is Recorded {
  return typeof value === 'object' && value !== null && 'kind' in value && (value.kind === 'inline' || value.kind === 'blob');
}

interface Span {
  readonly name: string;
  readonly id: string;
  readonly parent?: string;
  readonly start: number;
  readonly end: number;
  readonly failed?: string;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

/** A run as an OTLP/JSON `ExportTraceServiceRequest`: one span for the run, one for each call from request to end. */
export function otlpTrace(events: readonly RunEvent[]): JsonObject {
  const created = events[0];
  if (created?.type !== 'created') return { resourceSpans: [] };
  const root = idOf(`${created.run}`, 16);
  const last = events.at(-1)?.at ?? created.at;
  const ended = events.find((event) => event.type === 'ended');
  const failure = ended?.outcome.status === 'failed' ? ended.outcome.error.message : undefined;
  const spans: Span[] = [
    {
      name: created.title,
      id: root,
      start: created.at,
      end: ended?.at ?? last,
      ...(failure !== undefined && { failed: failure }),
      attributes: { 'code_mode.run': created.run, 'code_mode.origin': created.origin, 'code_mode.status': ended?.outcome.status ?? 'interrupted' },
    },
  ];
  const open = new Map<string, { readonly start: number; readonly name: string; decided?: string; asked: boolean; sent: boolean; source: string; tool: string }>();
  const close = (call: string, end: number, failed?: string): void => {
    const found = open.get(call);
    if (found === undefined) return;
    open.delete(call);
    const { name, start, asked, sent, source, tool } = found;
    spans.push({
      name,
      id: idOf(`${created.run}/${call}`, 16),
      parent: root,
      start,
      end,
      ...(failed !== undefined && { failed }),
      attributes: { 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': tool, 'code_mode.source': source, 'code_mode.call': call, 'code_mode.asked': asked, 'code_mode.sent': sent },
    });
  };
  for (const event of events) {
    if (event.type === 'callRequested') {
      open.set(event.call, { start: event.at, name: event.name ?? `${event.tool.source}.${event.tool.name}`, asked: false, sent: false, source: event.tool.source, tool: event.tool.name });
    } else if (event.type === 'callAsked' || event.type === 'callSent') {
      const found = open.get(event.call);
      if (found !== undefined) found[event.type === 'callAsked' ? 'asked' : 'sent'] = true;
    } else if (event.type === 'callDecided' && event.decision !== 'allow') close(event.call, event.at, event.why);
    else if (event.type === 'callReturned') close(event.call, event.at);
    else if (event.type === 'callFailed') close(event.call, event.at, event.message);
  }
  for (const call of [...open.keys()]) close(call, last, 'No answer is recorded.');
  return {
    resourceSpans: [
      {
        resource: { attributes: [attribute('service.name', 'code-mode')] },
        scopeSpans: [{ scope: { name: 'code-mode.runs', version: '1' }, spans: spans.map((span) => otlpSpan(span, idOf(created.run, 32))) }],
      },
    ],
  };
}

function otlpSpan(span: Span, traceId: string): JsonObject {
  return {
    traceId,
    spanId: span.id,
    ...(span.parent !== undefined && { parentSpanId: span.parent }),
    name: span.name,
    kind: span.parent === undefined ? 1 : 3,
    startTimeUnixNano: `${span.start}000000`,
    endTimeUnixNano: `${span.end}000000`,
    attributes: Object.entries(span.attributes).map(([key, value]) => attribute(key, value)),
    status: span.failed === undefined ? { code: 1 } : { code: 2, message: span.failed },
  };
}

function attribute(key: string, value: string | number | boolean): JsonObject {
  const typed: JsonValue = typeof value === 'string' ? { stringValue: value } : typeof value === 'boolean' ? { boolValue: value } : { intValue: String(value) };
  return { key, value: typed };
}

/** Ids of spans and traces are fixed numbers of hex digits. */
function idOf(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
