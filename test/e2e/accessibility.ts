import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Frame } from 'playwright-core';
import { expect } from 'vitest';
import type { Workbench } from '../../scripts/host/workbench.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Themes, and what a webview calls their kind. */
const themes = {
  'Default Light Modern': 'vscode-light',
  'Default High Contrast': 'vscode-high-contrast',
  'Default High Contrast Light': 'vscode-high-contrast-light',
  'Default Dark Modern': 'vscode-dark',
} as const;

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe finds wrong with a webview as it stands, one line a place. */
export async function violationsOf(frame: Frame): Promise<string[]> {
  await frame.evaluate(axe);
  return frame.evaluate(async () => {
    const { run } = (globalThis as unknown as { axe: { run(this: void): Promise<{ violations: readonly Violation[]; passes: readonly unknown[] }> } }).axe;
    const { violations, passes } = await run();
    if (passes.length === 0) return ['axe found nothing to look at'];
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`));
  });
}

/** Holds a webview to axe in light, dark and both high-contrast themes, with a picture of each. */
export async function expectReadableInEveryTheme(workbench: Workbench, frame: () => Promise<Frame>, picture: (theme: string) => Promise<unknown>): Promise<void> {
  for (const [theme, kind] of Object.entries(themes)) {
    await workbench.evaluate(async (vscode, value: string) => void (await vscode.workspace.getConfiguration('workbench').update('colorTheme', value, true)), theme);
    await workbench.until(`page in ${theme}`, async () => (await (await frame()).evaluate(() => document.body.dataset['vscodeThemeKind'])) === kind);
    // Colours fade into each other.
    await workbench.page.waitForTimeout(1_000);
    await picture(theme.replaceAll(' ', '-').toLowerCase());
    expect(await violationsOf(await frame()), theme).toEqual([]);
  }
}
