import type { RunEvent } from '../events.js';
import type { Recorder } from '../journal/recorded.js';
import type { RunRequest } from '../run.js';

/**
 * The request of an interrupted run, from its record.
 * @throws {RangeError} when the run has ended, or its record does not say how to run it.
 */
export async function requestOf(events: readonly RunEvent[], recorder: Recorder): Promise<RunRequest> {
  const created = events[0];
  if (created?.type !== 'created') throw new RangeError('There is no readable record of this run; start the script again.');
  const last = events.findLast((event) => event.type === 'ended' || event.type === 'resumed');
  if (last?.type === 'ended') throw new RangeError('This run has ended; start the script again, or replay it.');
  const { source, origin, conversation, title } = created;
  if (created.params === undefined) return { source, origin, conversation, title };
  const params = await recorder.read(created.params);
  if (params === undefined) throw new RangeError('The parameters of this run are no longer kept; start the script again.');
  return { source, origin, conversation, title, params };
}
