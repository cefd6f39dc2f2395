import { useEffect, useState } from 'preact/hooks';
import type { CallId, QuestionId } from '../../../src/ids.js';
import type { JsonObject } from '../../../src/json.js';
import type { AskedCall } from '../../../src/runs/approvals.js';
import type { EffectView } from '../../../src/views/panel/protocol.js';
import { FileDiffView } from './fileDiff.js';
import { onMessage, send } from './host.js';
import { Arguments } from './value.js';

/** How long, in ms, typing must rest before its effect is looked at. */
const rest = 300;

interface EffectProps {
  readonly question: QuestionId;
  readonly call: AskedCall;
  readonly unfolded?: boolean;
}

/** What a call is given: its files as differences where that can be told, and every other argument. */
export function CallArguments({ question, call, unfolded }: EffectProps) {
  const effect = useEffectOf(question, call);
  if (effect === 'looking') return <p class="muted">Comparing with what is there…</p>;
  const rest = effect === undefined ? call.args : Object.fromEntries(Object.entries(call.args).filter(([name]) => !effect.shows.includes(name)));
  return (
    <>
      {effect !== undefined && <Files question={question} call={call.call} effect={effect} unfolded={unfolded} />}
      {(effect === undefined || effect.shows.length === 0 || Object.keys(rest).length > 0) && <Arguments args={rest} schema={call.inputSchema} unfolded={unfolded} />}
    </>
  );
}

/** What edited arguments would make of files, while they are edited; nothing where nobody can tell. */
export function EditedEffect({ question, call, args, unfolded }: EffectProps & { readonly args: JsonObject }) {
  const effect = useEffectOf(question, call, args);
  if (effect === 'looking' || effect === undefined) return null;
  return <Files question={question} call={call.call} args={args} effect={effect} unfolded={unfolded} />;
}

interface FilesProps {
  readonly question: QuestionId;
  readonly call: CallId;
  readonly args?: JsonObject;
  readonly effect: EffectView;
  readonly unfolded?: boolean;
}

function Files({ question, call, args, effect, unfolded }: FilesProps) {
  return (
    <>
      {effect.note !== undefined && <p class="why">{effect.note}</p>}
      {effect.files.map((file) => (
        <FileDiffView key={file.path} diff={file} unfolded={unfolded} onOpen={() => send({ type: 'openPreview', question, call, ...(args !== undefined && { args }), path: file.path })} />
      ))}
    </>
  );
}

/** Asks the host, and anew whenever the arguments change; the last answer stands meanwhile. */
function useEffectOf(question: QuestionId, call: AskedCall, args?: JsonObject): EffectView | 'looking' | undefined {
  const [effect, setEffect] = useState<EffectView | 'looking' | undefined>(call.hasPreview === true ? 'looking' : undefined);
  const wanted = args === undefined ? '' : JSON.stringify(args);
  useEffect(() => {
    if (call.hasPreview !== true) return undefined;
    const stop = onMessage((message) => {
      if (message.type !== 'preview' || message.question !== question || message.call !== call.call) return;
      if ((message.args === undefined ? '' : JSON.stringify(message.args)) === wanted) setEffect(message.effect);
    });
    const timer = setTimeout(() => send({ type: 'preview', question, call: call.call, ...(args !== undefined && { args }) }), args === undefined ? 0 : rest);
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [question, call.call, wanted]);
  return effect;
}
