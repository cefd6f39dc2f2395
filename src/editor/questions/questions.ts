import type { Questions } from '../../mcp/ports.js';
import { elicit } from './elicitation.js';
import { askInput } from './inputs.js';
import { sample, type SamplingConsents } from './sampling.js';
import { approveServers } from './trust.js';

/** What servers may need of a person, asked with the editor's own dialogs. Closing a dialog is a no. */
export function createQuestions(consents: SamplingConsents): Questions {
  return {
    approveServers,
    input: askInput,
    elicit,
    sample: async (request, signal) => sample(request, signal, consents),
  };
}
