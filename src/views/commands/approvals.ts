import * as vscode from 'vscode';
import type { ToolRef } from '../../catalog/source.js';
import type { Policy } from '../../runs/policy/policy.js';

const removeButton: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('trash'), tooltip: 'Forget' };

interface GrantItem extends vscode.QuickPickItem {
  readonly id?: string;
  readonly open?: 'rules';
}

/** What was remembered and what rules say: searched, revoked, reset. */
export function registerApprovalCommands(policy: Policy): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand('codemode.manageApprovals', async () => manage(policy)),
    vscode.commands.registerCommand('codemode.resetApprovals', async () => reset(policy)),
    vscode.commands.registerCommand('codemode.explainPolicy', async (ref: ToolRef) => {
      const answer = await vscode.window.showInformationMessage(policy.explain(ref), 'Manage Approvals', 'Edit Rules');
      if (answer === 'Manage Approvals') await manage(policy);
      if (answer === 'Edit Rules') await editRules();
    }),
  );
}

async function editRules(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openSettings', 'codemode.policy.rules');
}

async function manage(policy: Policy): Promise<void> {
  const pick = vscode.window.createQuickPick<GrantItem>();
  pick.title = 'Manage Approvals';
  pick.placeholder = 'Enter forgets what you allowed; below it, the rules in the order in which they are tried';
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  const fill = (): void => void (pick.items = itemsOf(policy));
  fill();
  const listening = policy.onDidChange(fill);
  let chosen: GrantItem | undefined;
  await new Promise<void>((resolve) => {
    pick.onDidTriggerItemButton(({ item }) => {
      if (item.id !== undefined) void policy.revoke(item.id);
    });
    pick.onDidAccept(() => {
      const [item] = pick.activeItems;
      if (item?.open !== 'rules' && item?.id === undefined) return;
      // Its button is for a mouse: the keyboard does not get there.
      if (item.id !== undefined) chosen = item;
      pick.hide();
      if (item.open === 'rules') void editRules();
    });
    pick.onDidHide(() => resolve());
    pick.show();
  });
  listening.dispose();
  pick.dispose();
  if (chosen?.id === undefined) return;
  const forget = 'Forget';
  const answer = await vscode.window.showWarningMessage(`Forget “${chosen.label.replace(/^\$\([\w-]+\) /, '')}” (${chosen.description ?? ''})?`, { modal: true, detail: 'From then on it is asked again.' }, forget);
  if (answer === forget) await policy.revoke(chosen.id);
  return manage(policy);
}

function itemsOf(policy: Policy): GrantItem[] {
  const separator = (label: string): GrantItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const words = { run: 'for one run', session: 'in this session', workspace: 'in this workspace' } as const;
  const grants = policy.grants.map((grant): GrantItem => {
    const tools = Object.keys(grant.tools);
    const gone = policy.isGone(grant);
    return {
      id: grant.id,
      label: `$(${gone ? 'warning' : 'shield'}) ${grant.breadth === 'server' ? `All of ${grant.server}` : `${grant.server}: ${tools.join(', ')}`}`,
      description: `${words[grant.scope]}${grant.afterOutside === true ? ', also after outside content' : ''}`,
      detail: `${gone ? 'Not among the tools now, so it allows nothing. ' : ''}Since ${new Date(grant.at).toLocaleString()}${grant.breadth === 'server' ? `, for the ${tools.length === 1 ? 'tool' : `${tools.length} tools`} it had` : ''}`,
      buttons: [removeButton],
    };
  });
  const icons = { allow: 'check', ask: 'bell', deny: 'circle-slash' } as const;
  const rules = policy.rules.filter((rule) => rule.from !== 'remembered').map((rule): GrantItem => ({ ...twoLines(`$(${icons[rule.effect]}) ${rule.text}`), description: rule.from, open: 'rules' }));
  const problems = policy.problems.map((problem): GrantItem => ({ ...twoLines(`$(warning) ${problem}`), open: 'rules' }));
  return [
    separator('Remembered'),
    ...(grants.length > 0 ? grants : [{ label: 'Nothing is remembered.', description: 'Answers like “Allow in this session” are listed here.' }]),
    ...(problems.length > 0 ? [separator('Rules that are not taken'), ...problems] : []),
    separator('Rules, first match first'),
    ...rules,
  ];
}

/** Characters that a line of a list surely has room for. */
const lineLength = 80;

/** A long sentence in two lines, cut where it has a pause: a list cuts what does not fit. */
function twoLines(text: string): Pick<vscode.QuickPickItem, 'label' | 'detail'> {
  if (text.length <= lineLength) return { label: text };
  const pause = Math.max(...[', ', ' (', '. ', ': '].map((mark) => text.lastIndexOf(mark, lineLength)));
  const at = pause < lineLength / 3 ? text.lastIndexOf(' ', lineLength) : pause + (text[pause] === ' ' ? 0 : 1);
  return { label: text.slice(0, at), detail: text.slice(at).trim() };
}

async function reset(policy: Policy): Promise<void> {
  const count = policy.grants.length;
  if (count === 0) {
    void vscode.window.showInformationMessage('Nothing is remembered.');
    return;
  }
  const answer = await vscode.window.showWarningMessage(`Forget ${count === 1 ? 'the one remembered approval' : `all ${count} remembered approvals`}?`, { modal: true, detail: 'From then on everything is asked again. Rules in your settings stay.' }, 'Forget');
  if (answer === 'Forget') await policy.reset();
}
