import type { Kit } from './kit.js';

/** Describes whatever was thrown, however hostile it is. */
export function makeFailure(kit: Kit) {
  const { stringify, String: toText, isLimitError, isEngineError, failedTool } = kit;
  const read = (target: object, key: string): unknown => {
    try {
      return (target as Record<string, unknown>)[key];
    } catch {
      return undefined;
    }
  };
  const cut = (text: string, most: number): string => (text.length > most ? `${kit.slice(text, 0, most)}…` : text);
  /** JSON of what `protocol.ts` calls a description. */
  return (thrown: unknown): string => {
    let name = 'Error';
    let message = '';
    let stack = '';
    let kind: 'limit' | 'engine' | undefined;
    let tool: number | undefined;
    try {
      if ((typeof thrown === 'object' && thrown !== null) || typeof thrown === 'function') {
        const ownName = read(thrown, 'name');
        const ownMessage = read(thrown, 'message');
        const ownStack = read(thrown, 'stack');
        if (typeof ownName === 'string' && ownName !== '') name = ownName;
        if (typeof ownStack === 'string') stack = ownStack;
        kind = isLimitError(thrown) ? 'limit' : isEngineError(thrown) ? 'engine' : undefined;
        tool = failedTool(thrown);
        if (typeof ownMessage === 'string') message = ownMessage;
        else message = `The script threw ${cut(stringify(thrown) ?? 'something that is not data', 1000)}`;
      } else {
        message = typeof thrown === 'string' ? thrown : `The script threw ${toText(thrown)}`;
      }
    } catch {
      message ||= 'The script threw something that cannot be shown.';
    }
    // Put together by hand: JSON of an object asks `Object.prototype`, where a script can answer.
    const text = '{"name":' + stringify(cut(name, 200)) + ',"message":' + stringify(cut(message, 16_384)) + ',"stack":' + stringify(cut(kit.scriptStack(stack), 16_384));
    return text + (kind === undefined ? '' : ',"kind":"' + kind + '"') + (tool === undefined ? '' : ',"tool":' + tool) + '}';
  };
}
