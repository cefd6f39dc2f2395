import type { Effect } from '../../../src/catalog/source.js';
import type { CallState } from '../../../src/views/panel/trace.js';

export function Icon({ name, spin, label, class: extra }: { readonly name: string; readonly spin?: boolean; readonly label?: string; readonly class?: string }) {
  const className = `codicon codicon-${name}${spin === true ? ' codicon-modifier-spin' : ''}${extra === undefined ? '' : ` ${extra}`}`;
  return label === undefined ? <span class={className} aria-hidden="true" /> : <span class={className} role="img" aria-label={label} title={label} />;
}

interface EffectLook {
  readonly icon: string;
  /** Completes “this tool …”. */
  readonly verb: string;
  readonly hint: string;
}

export const effects: Readonly<Record<Effect, EffectLook>> = {
  read: { icon: 'eye', verb: 'reads', hint: 'Changes nothing' },
  staged: { icon: 'diff', verb: 'stages', hint: 'Waits in the change set until you apply it' },
  write: { icon: 'edit', verb: 'writes', hint: 'Takes effect at once and cannot be held back' },
  outward: { icon: 'globe', verb: 'reaches out', hint: 'Reaches other parties outside this machine' },
  unknown: { icon: 'question', verb: 'unknown', hint: 'Nobody said what it does, so it is treated like the worst' },
};

/** In the order a person reads them: harmless first. */
export const effectOrder: readonly Effect[] = ['read', 'staged', 'write', 'outward', 'unknown'];

export function EffectBadge({ effect }: { readonly effect: Effect }) {
  const look = effects[effect];
  return (
    <span class={`effect effect-${effect}`} title={look.hint}>
      <Icon name={look.icon} />
      {look.verb}
    </span>
  );
}

export const callStates: Readonly<Record<CallState, { readonly icon: string; readonly label: string; readonly spin?: boolean }>> = {
  requested: { icon: 'circle-outline', label: 'about to be sent' },
  asking: { icon: 'bell-dot', label: 'waits for your answer' },
  sent: { icon: 'loading', label: 'under way', spin: true },
  returned: { icon: 'check', label: 'returned' },
  failed: { icon: 'error', label: 'failed' },
  skipped: { icon: 'debug-step-over', label: 'skipped' },
  unknown: { icon: 'question', label: 'sent, outcome unknown' },
  denied: { icon: 'circle-slash', label: 'denied' },
};
