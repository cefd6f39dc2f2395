/** Every bound this room holds servers to, in one place. Bytes, milliseconds or counts. */
export interface Limits {
  /** A single message; a longer one costs its call, not the connection. */
  readonly messageBytes: number;
  /** A text in a result that is longer stays outside the sandbox as a handle (UTF-16 code units). */
  readonly inlineText: number;
  /** How deep a result may nest before nobody can use it. */
  readonly resultDepth: number;
  readonly tools: number;
  readonly resources: number;
  readonly prompts: number;
  /** Pages of one list, and what they may come to together (characters of JSON). */
  readonly pages: number;
  readonly listSize: number;
  /** Size of one schema as JSON, and how deep it may nest. */
  readonly schemaSize: number;
  readonly schemaDepth: number;
  readonly description: number;
  /** A word on the progress of a call (characters). */
  readonly progressText: number;
  readonly logLines: number;
  readonly logLineLength: number;
  readonly logLinesPerSecond: number;
  /** Notifications, and requests of a server, that are looked at in a second; the rest is dropped and counted. */
  readonly notificationsPerSecond: number;
  readonly requestsPerSecond: number;
  /** Questions of one server that may wait for a person at once. */
  readonly openQuestions: number;
  /** From spawn to the answer of `initialize`. */
  readonly startTimeout: number;
  /** How long `server/discover` may take before a server on stdio counts as one of an earlier protocol. */
  readonly probeTimeout: number;
  /** One page of a list. */
  readonly listTimeout: number;
  /** A call without progress for this long is cancelled. */
  readonly callTimeout: number;
  /** After closing stdin, and again after SIGTERM. */
  readonly stopGrace: number;
  /** Crashes in a row before only a person may start the server again. */
  readonly crashes: number;
  /** A server that ran this long is healthy: earlier crashes are forgotten. */
  readonly healthyAfter: number;
  /** Before the second start; grows fourfold. */
  readonly restartDelay: number;
  /** Least time between two refreshes of a list that a server says has changed. */
  readonly refreshDelay: number;
  /** The longest `Retry-After` that is waited for, and how often. */
  readonly retryAfter: number;
  readonly retries: number;
  /** Waiting for the browser to come back from a sign-in page that is open. */
  readonly signInTimeout: number;
  /** All of telling an authority that tokens are revoked. */
  readonly revocationTimeout: number;
}

export const defaultLimits: Limits = {
  messageBytes: 32 * 1024 * 1024,
  inlineText: 4 * 1024 * 1024,
  resultDepth: 500,
  tools: 10_000,
  resources: 10_000,
  prompts: 2_000,
  pages: 1_000,
  listSize: 32 * 1024 * 1024,
  schemaSize: 256 * 1024,
  schemaDepth: 64,
  description: 16_000,
  progressText: 500,
  logLines: 1_000,
  logLineLength: 2_000,
  logLinesPerSecond: 200,
  notificationsPerSecond: 500,
  requestsPerSecond: 50,
  openQuestions: 4,
  startTimeout: 60_000,
  probeTimeout: 10_000,
  listTimeout: 30_000,
  callTimeout: 300_000,
  stopGrace: 1_500,
  crashes: 3,
  healthyAfter: 60_000,
  restartDelay: 500,
  refreshDelay: 250,
  retryAfter: 30_000,
  retries: 3,
  signInTimeout: 300_000,
  revocationTimeout: 10_000,
};
