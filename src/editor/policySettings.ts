import * as vscode from 'vscode';
import type { Disposable } from '../lifecycle/disposable.js';
import type { FlowMarks } from '../runs/policy/flow.js';
import type { PolicySettings } from '../runs/policy/policy.js';
import { readRules } from '../runs/policy/readRules.js';

/** `codemode.policy.*` by who wrote it, read again when it changes: every call of a script asks for it. */
export class PolicyConfiguration implements Disposable {
  private readonly listening: vscode.Disposable;
  private read: { readonly rules: PolicySettings; readonly marks: FlowMarks } | undefined;

  constructor() {
    this.listening = vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('codemode.policy')) this.read = undefined;
    });
  }

  get rules(): PolicySettings {
    return this.current.rules;
  }

  get marks(): FlowMarks {
    return this.current.marks;
  }

  dispose(): void {
    this.listening.dispose();
  }

  private get current(): { readonly rules: PolicySettings; readonly marks: FlowMarks } {
    return (this.read ??= { rules: rules(), marks: { outside: named('policy.outsideContent'), private: named('policy.privateData') } });
  }
}

function inspected(name: string): { readonly user: readonly unknown[]; readonly workspace: readonly unknown[] } {
  const found = vscode.workspace.getConfiguration('codemode').inspect(name);
  return { user: [found?.globalValue], workspace: [found?.workspaceFolderValue, found?.workspaceValue] };
}

/** A repository's own rules can only make things stricter, which is the policy's to see to. */
function rules(): PolicySettings {
  const { user, workspace } = inspected('policy.rules');
  const ofUser = user.map((value) => readRules(value, 'user'));
  const ofWorkspace = workspace.map((value) => readRules(value, 'workspace'));
  return {
    user: ofUser.flatMap((one) => one.rules),
    workspace: ofWorkspace.flatMap((one) => one.rules),
    problems: [...ofUser, ...ofWorkspace].flatMap((one) => one.problems),
  };
}

/** Marks of user and workspace together: each of them only adds questions. */
function named(name: string): readonly string[] {
  const { user, workspace } = inspected(name);
  return [...user, ...workspace].flatMap((value) => (Array.isArray(value) ? (value as readonly unknown[]).filter((one) => typeof one === 'string') : []));
}
