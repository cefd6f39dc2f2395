/** Names of the errors that calls throw in a script. */
const ofCalls: ReadonlySet<string> = new Set(['ToolError', 'CallFailure', 'ArgumentError', 'PathError', 'ReviewDeclined', 'SkippedError', 'DeniedError']);

interface EndedCall {
  readonly name: string;
  readonly state: string;
  /** What it failed with, where it failed. */
  readonly message: string | undefined;
}

/** The call whose error ended a script; undefined where the script threw by itself. */
export function callThatThrew<T>(calls: readonly T[], error: { readonly name: string; readonly message: string }, read: (call: T) => EndedCall): T | undefined {
  if (!ofCalls.has(error.name)) return undefined;
  return calls.findLast((call) => {
    const { name, state, message } = read(call);
    if (message !== undefined) return error.message.startsWith(message);
    return (state === 'skipped' || state === 'denied' || state === 'unknown') && error.message.includes(name);
  });
}
