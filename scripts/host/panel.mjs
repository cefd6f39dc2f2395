// The approvals panel as a person uses it: what it says, and its buttons.

/** The panel of an open workbench; it need not be visible yet. */
export class Panel {
  /** @param {import('./session.mjs').Workbench} workbench */
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
  async shown(timeout = 30_000) {
    return this.workbench.until('approvals panel', () => this.frame(), timeout);
  }

  async text() {
    const frame = await this.frame();
    return frame ? frame.locator('body').innerText() : '';
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
    await (await this.button(label)).click();
  }

  /** The first waiting question; undefined when nothing is asked. */
  async question() {
    const frame = await this.frame();
    const card = frame?.locator('.question').first();
    if (!card || !(await card.isVisible().catch(() => false))) return undefined;
    return { card, text: await card.innerText() };
  }

  /** The card of changes that wait for review. */
  async changes() {
    const frame = await this.frame();
    const card = frame?.locator('.changes').first();
    if (!card || !(await card.isVisible().catch(() => false))) return undefined;
    return { card, text: await card.innerText() };
  }
}
