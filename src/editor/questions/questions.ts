import type { Questions } from '../../mcp/ports.js';
import type { SamplingBudget } from '../../mcp/requests/budget.js';
import { elicit, finished } from './elicitation.js';
import { askInput } from './inputs.js';
import { sample } from './sampling.js';
import { approveServers, type Compare } from './trust.js';

/** What servers may need of a person, asked with the editor's own dialogs. Closing a dialog is a no. */
export function createQuestions(budget: SamplingBudget, compare: Compare): Questions {
  return {
    approveServers: async (servers, wanted) => approveServers(servers, wanted, compare),
    input: askInput,
    elicit,
    finished,
    sample: async (request, signal) => sample(request, signal, budget),
  };
}
