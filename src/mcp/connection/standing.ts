import { CallFailure } from '../../catalog/source.js';
import type { IdentifiedServer } from '../configuration/sources.js';
import { Emitter } from '../../lifecycle/event.js';
import type { ServerState } from '../servers.js';

/** How a server stands, as everybody sees it, and what that means for calls. */
export class Standing {
  private readonly emitter = new Emitter<void>();
  readonly onDidChange = this.emitter.event;
  private current: ServerState;
  /** A person stopped it: only a person starts it again. */
  stoppedByPerson = false;

  constructor(private readonly server: () => IdentifiedServer) {
    this.current = this.atRest;
  }

  get state(): ServerState {
    return this.current;
  }

  /** While nothing runs. */
  get atRest(): ServerState {
    const { name, outOfReach } = this.server().configured;
    return outOfReach === undefined ? { kind: 'stopped' } : { kind: 'outOfReach', message: `"${name}" ${outOfReach}` };
  }

  /** It would start by itself at the next call. */
  get startsWhenCalled(): boolean {
    return this.current.kind === 'stopped' && !this.stoppedByPerson;
  }

  /** Why it is not called as it stands, if it is not. */
  get refusal(): CallFailure | undefined {
    if (this.current.kind === 'outOfReach') return new CallFailure(this.current.message, 'no');
    if (this.current.kind === 'crashed') return new CallFailure(`${this.current.message} Start it again from its log or the servers view.`, 'no');
    return this.stoppedByPerson ? new CallFailure(`"${this.server().configured.name}" was stopped. Start it again to use it.`, 'no') : undefined;
  }

  set(state: ServerState): void {
    const before = this.current;
    if (before.kind === state.kind && ('message' in before ? before.message : '') === ('message' in state ? state.message : '')) return;
    this.current = state;
    this.emitter.fire();
  }

  dispose(): void {
    this.emitter.dispose();
  }
}
