import { useState } from 'preact/hooks';
import type { RuleName } from '../../../src/runs/policy/ruleName.js';
import { Icon } from './icon.js';
import { send } from './host.js';

const origins: Readonly<Record<RuleName['from'], string>> = {
  'built in': 'Built-in rule',
  user: 'Rule of your settings',
  workspace: 'Rule of the workspace',
  remembered: 'Your remembered answer',
};

/** The reason of a decision, with the line of the policy behind it a click away. */
export function Why({ question, why, rule, open, onToggle }: { readonly question: string; readonly why: string; readonly rule?: RuleName; readonly open?: boolean; readonly onToggle?: () => void }) {
  const [own, setOwn] = useState(false);
  const shown = open ?? own;
  return (
    <div class="reason">
      <p class="why">{why}</p>
      {rule !== undefined && (
        <button type="button" class="link" aria-expanded={shown} onClick={onToggle ?? (() => setOwn(!own))}>
          {question}
        </button>
      )}
      {rule !== undefined && shown && (
        <div class="rule">
          <p>
            <Icon name="law" /> <span class="muted">{origins[rule.from]}:</span> {rule.text}
          </p>
          <button type="button" class="link" onClick={() => send({ type: 'command', command: 'codemode.manageApprovals' })}>
            All rules and approvals
          </button>
        </div>
      )}
    </div>
  );
}
