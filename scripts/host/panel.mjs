// The approvals panel as a person uses it: what it says, and its buttons.

/** The panel of an open workbench; it need not be visible yet. */
export class Panel {
  /** @param {import('./workbench.mjs').Workbench} workbench */
  constructor(workbench) {
    this.workbench = workbench;
    this.page = workbench.page;
  }

  /** The panel's document; undefined while it is not shown. */
  async frame() {
    for (const frame of this.page.frames()) {
      if (!frame.url().includes('fake.html')) continue;
      try {
        if (/^Approvals/.test(await frame.title()) && (await (await frame.frameElement()).isVisible())) return frame;
      } catch {
        // The frame went away while it was asked.
      }
    }
    return undefined;
  }

  /** Waits until the panel is there. */
  async shown(timeout = 60_000) {
    return this.workbench.until('approvals panel', () => this.frame(), timeout);
  }

  /** Brings it up, with the keyboard in it. */
  async focus() {
    await this.workbench.together('The focus in the approvals panel', async () => {
      await this.workbench.command('Code Mode: Show Approvals');
      await this.workbench.until('focus in the panel', async () => (await this.frame())?.evaluate(() => document.hasFocus()), 10_000);
    });
  }

  async text() {
    return (await (await this.frame())?.locator('body').innerText({ timeout: 3_000 }).catch(() => '')) ?? '';
  }

  /**
   * A button of the panel by its label.
   * @param {string | RegExp} label
   */
  async button(label) {
    return (await this.shown()).getByRole('button', { name: label, exact: typeof label === 'string' }).first();
  }

  /** @param {string | RegExp} label */
  async press(label) {
    // The panel is drawn anew when something changes, and is another document once it was hidden.
    await this.workbench.together(`Pressing "${label}"`, async () => (await this.button(label)).click({ timeout: 5_000 }));
  }

  /** The first waiting question; undefined when nothing is asked. */
  async question() {
    const frame = await this.frame();
    const card = frame?.locator('.question').first();
    if (!card || !(await card.isVisible().catch(() => false))) return undefined;
    return textOf(card);
  }

  /** The card of changes that wait for review. */
  async changes() {
    const frame = await this.frame();
    const card = frame?.locator('.changes').first();
    if (!card || !(await card.isVisible().catch(() => false))) return undefined;
    return textOf(card);
  }
}

/**
 * Undefined where it has just gone.
 * @param {import('playwright-core').Locator} card
 */
async function textOf(card) {
  const text = await card.innerText({ timeout: 3_000 }).catch(() => undefined);
  return text === undefined ? undefined : { card, text };
}
