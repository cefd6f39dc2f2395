import { isJsonObject, type JsonObject } from '../json.js';
import { describeDefinition } from './configuration/definition.js';
import type { IdentifiedServer } from './configuration/sources.js';
import type { McpPorts, ServerApproval } from './ports.js';

const key = 'mcp.approvals';
const unseen = 'A value that is not shown here has changed.';
const unconfined = 'You allowed it in its sandbox, which it would run without now.';

export type Verdict = 'allow' | 'deny' | 'undecided';

/** What the system makes of the sandboxes that definitions ask for. */
export interface Sandboxes {
  /** Whether a server runs in the one it asks for. */
  confines(server: IdentifiedServer): boolean;
  /** What a person should know of it before the yes, a sentence each. */
  notices(server: IdentifiedServer): readonly string[];
}

/** What the developer said to each server's definition; kept per workspace, and only for exactly that definition. */
export class ServerApprovals {
  constructor(
    private readonly ports: McpPorts,
    private readonly sandboxes: Sandboxes,
  ) {}

  verdict(server: IdentifiedServer): Verdict {
    const known = this.known(server);
    if (known?.hash !== server.hash || this.lostSandbox(server)) return 'undecided';
    return known.decision === 'allow' || known.decision === 'deny' ? known.decision : 'undecided';
  }

  /** The yes was to a server in a sandbox, and the system has none any more: that is another question. */
  private lostSandbox(server: IdentifiedServer): boolean {
    const known = this.known(server);
    return known?.hash === server.hash && known.decision === 'allow' && known.confined === true && !this.sandboxes.confines(server);
  }

  /**
   * Asks one question for all of them; remembers each yes and no, and nothing for those left open, or decided meanwhile.
   * @param wanted somebody wants them to start just now
   */
  async ask(servers: readonly IdentifiedServer[], wanted = false): Promise<void> {
    if (servers.length === 0) return;
    const before = servers.map((server) => this.verdict(server));
    const answers = await this.ports.questions.approveServers(servers.map((server) => this.question(server)), wanted);
    let all = this.all();
    for (const [at, server] of servers.entries()) {
      const decision = answers.get(server.id);
      if (decision === undefined || this.verdict(server) !== before[at]) continue;
      all = { ...all, [place(server)]: { hash: server.hash, decision, definition: describeDefinition(server.configured.definition), ...(this.sandboxes.confines(server) ? { confined: true } : {}) } };
    }
    await this.ports.memory.set(key, all);
  }

  private question(server: IdentifiedServer): ServerApproval {
    const { configured } = server;
    const known = this.known(server);
    const before = known?.decision === 'allow' && known.hash !== server.hash && typeof known.definition === 'string' ? known.definition : undefined;
    const definition = describeDefinition(configured.definition);
    return {
      id: server.id,
      name: configured.name,
      origin: `${configured.origin.label}: ${configured.origin.file}`,
      definition,
      hash: server.hash,
      notices: [...this.sandboxes.notices(server), ...(this.lostSandbox(server) ? [unconfined] : []), ...(before === definition ? [unseen] : [])],
      ...(before === undefined ? {} : { previous: before }),
    };
  }

  private all(): JsonObject {
    const all = this.ports.memory.get(key);
    return isJsonObject(all) ? all : {};
  }

  private known(server: IdentifiedServer): JsonObject | undefined {
    const all = this.all();
    const known = Object.hasOwn(all, place(server)) ? all[place(server)] : undefined;
    return isJsonObject(known) ? known : undefined;
  }
}

/** A server stays the same one while its file and name do. */
function place(server: IdentifiedServer): string {
  return `${server.configured.origin.file}#${server.configured.name}`;
}
