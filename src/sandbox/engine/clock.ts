/** What the guest's clock shows. Replaces this thread's own `Date.now`, which the engine's glue reads. */
export function setClock(now: () => number): void {
  Date.now = now;
}

/** The thread's own clock, from before anything was replaced. */
export const realNow = Date.now.bind(Date);

/** Lets this thread's dates be UTC, which is where the engine asks for the time zone: scripts see no local one. */
export function useUtc(): void {
  const dates = Date.prototype as unknown as Record<string, unknown>;
  for (const part of ['FullYear', 'Month', 'Date', 'Day', 'Hours', 'Minutes', 'Seconds', 'Milliseconds']) dates[`get${part}`] = dates[`getUTC${part}`];
  dates.getTimezoneOffset = () => 0;
}
