import { nothingOpen } from '../../../src/catalog/workspace.js';
import type { ConversationId } from '../../../src/ids.js';
import { createClaims } from '../../../src/runs/claims.js';
import { createChangeSets } from '../../../src/runs/changes/changeSets.js';

/** A window that dies: it opens the stored change sets, does one thing, and is killed at the given effect. */
interface Orders {
  readonly folder: string;
  readonly storage: string;
  readonly act: 'apply' | 'undo' | 'recover';
  /** Effects until it is killed, from 1; more than there are lets it end. */
  readonly killAt: number;
}

async function main({ folder, storage, act, killAt }: Orders): Promise<void> {
  let effects = 0;
  const sets = createChangeSets({
    folders: () => [{ name: 'project', path: folder }],
    storage,
    claims: createClaims(`${storage}/claims`),
    documents: nothingOpen,
    review: async () => 'discarded',
    onApplyStep: (step) => {
      if (++effects < killAt) return undefined;
      process.stdout.write(`killed at ${step}\n`);
      process.kill(process.pid, 'SIGKILL');
      return new Promise(() => undefined);
    },
  });
  await sets.ready;
  const outcome = act === 'apply' ? await sets.for('conversation-1' as ConversationId).apply() : act === 'undo' ? await sets.undo() : { ok: true };
  process.stdout.write(`ended ${JSON.stringify(outcome)}\n`);
  await sets.dispose();
}

void main(JSON.parse(process.argv[2] ?? '{}') as Orders);
