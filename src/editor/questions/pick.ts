import * as vscode from 'vscode';
import { DisposableStore } from '../../lifecycle/disposable.js';

export interface PickOptions<T> {
  readonly title: string;
  readonly placeholder?: string;
  readonly items: readonly T[];
  /** Where the selection stands at first, or what is ticked where several may be picked. */
  readonly at?: readonly T[];
  readonly several?: boolean;
  /** What keeps a choice from being accepted; it is shown, and the list stays. */
  readonly problem?: (picked: readonly T[]) => string | undefined;
  /** Beside the title; each item may have its own besides. */
  readonly buttons?: readonly vscode.QuickInputButton[];
  /** A button was pressed: of an item, or beside the title. The list stays. */
  readonly onButton?: (item: T | undefined) => void;
  readonly signal: AbortSignal;
}

/** A list that opens where it should, and that stays when focus moves; undefined where it was closed. */
export function pick<T extends vscode.QuickPickItem>({ title, placeholder, items, at = [], several = false, problem, buttons = [], onButton, signal }: PickOptions<T>): Promise<readonly T[] | undefined> {
  const list = vscode.window.createQuickPick<T>();
  const store = new DisposableStore();
  store.add(list);
  return new Promise((resolve) => {
    Object.assign(list, { title, placeholder, items, canSelectMany: several, ignoreFocusOut: true, matchOnDescription: true, matchOnDetail: true, buttons });
    if (several) list.selectedItems = at;
    else list.activeItems = at;
    store.add(list.onDidTriggerButton(() => onButton?.(undefined)));
    store.add(list.onDidTriggerItemButton(({ item }) => onButton?.(item)));
    const close = (): void => list.hide();
    signal.addEventListener('abort', close, { once: true });
    store.add(
      list.onDidAccept(() => {
        const picked = several ? list.selectedItems : list.activeItems.slice(0, 1);
        const wrong = problem?.(picked);
        if (wrong !== undefined) {
          list.placeholder = wrong;
          list.title = `${title} – ${wrong}`;
          return;
        }
        resolve(picked);
        close();
      }),
    );
    store.add(
      list.onDidHide(() => {
        signal.removeEventListener('abort', close);
        resolve(undefined);
        store.dispose();
      }),
    );
    list.show();
    if (signal.aborted) close();
  });
}
