/** Errors as scripts catch them: by name. */
export type ScriptErrorName =
  /** The arguments do not fit the tool: it was not called. */
  | 'ArgumentError'
  /** The tool ran and reported a failure. */
  | 'ToolError'
  /** A rule forbids the call. */
  | 'DeniedError'
  /** The developer skipped the call. */
  | 'SkippedError'
  /** No answer came; the message says whether the tool may have run. */
  | 'CallFailure'
  /** The developer discarded what a checkpoint asked to apply. */
  | 'ReviewDeclined'
  | 'PathError'
  | 'ReferenceError';

export function scriptError(name: ScriptErrorName, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
