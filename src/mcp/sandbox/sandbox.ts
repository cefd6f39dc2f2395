import type { Launch } from '../connection/processGroup.js';
import type { Definition } from '../configuration/definition.js';
import { confine, existing, type Confiner } from './confiner.js';
import { sandboxRules } from './rules.js';

/** What a person must know of the sandbox a definition asks for, a sentence each; nothing where it asks for none. */
export function sandboxNotices(definition: Definition, confiner: Confiner): readonly string[] {
  if (definition.transport !== 'stdio' || definition.sandbox === undefined) return [];
  if (confiner.kind === 'none') return [`A sandbox is asked for and not applied, because ${confiner.why}: the server runs with your rights.`];
  return sandboxRules(definition.sandbox, confiner.kind === 'bubblewrap').notices;
}

/** Whether the sandbox a definition asks for is one here. */
export function isConfined(definition: Definition, confiner: Confiner): boolean {
  return definition.transport === 'stdio' && definition.sandbox !== undefined && confiner.kind !== 'none';
}

export interface SandboxPlace {
  readonly userHome: string;
  /** Paths as the definition writes them, made absolute. */
  readonly resolve: (paths: readonly string[], base: string) => Promise<readonly string[]>;
}

/** The same program, in the sandbox its definition asks for where the system has one. */
export async function sandboxed(launch: Launch, definition: Definition, confiner: Confiner, place: SandboxPlace): Promise<Launch> {
  if (definition.transport !== 'stdio' || definition.sandbox === undefined || confiner.kind === 'none') return launch;
  const { allowWrite, denyWrite, denyRead, network } = sandboxRules(definition.sandbox, confiner.kind === 'bubblewrap');
  const base = launch.cwd ?? place.userHome;
  const paths = async (written: readonly string[]): Promise<readonly string[]> => existing(await place.resolve(written, base));
  // The folder of a workspace is there to be worked in; a home folder is not.
  const [cwd] = base === place.userHome ? [] : await existing([base]);
  return confine(launch, { cwd, allowWrite: await paths(allowWrite), denyWrite: await paths(denyWrite), denyRead: await paths(denyRead), network }, confiner);
}
