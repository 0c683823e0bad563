/**
 * A member who has a keyboard and nothing else (WCAG 2.1.1): goes from control to control with Tab, chooses with the
 * arrows, acts with Enter and Space, and counts what it did. Knows no screens.
 */
import type { FileChooser, Locator, Page } from "playwright";

/** More controls than any screen has. */
const MOST_TABS = 200;
const FIND_MS = 30_000;
const CHOOSER_MS = 5_000;

export class Keyboard {
  readonly #page: Page;
  /** Buttons, links, choices and lists that were used, and fields that were filled in. */
  acts = 0;
  fields = 0;

  constructor(page: Page) {
    this.#page = page;
  }
  /** Tab after Tab until the control has the focus. @throws Error where no Tab leads there. */
  async reach(control: Locator): Promise<void> {
    await control.waitFor({ state: "attached", timeout: FIND_MS });
    for (let tabs = 0; tabs < MOST_TABS; tabs++) {
      if (await control.evaluate((element) => element === document.activeElement)) return;
      await this.#page.keyboard.press("Tab");
    }
    throw new Error(`no Tab leads to ${control.toString()}`);
  }
  /** A button or a link. */
  async act(control: Locator): Promise<void> {
    await control.and(this.#page.locator(":enabled, a, summary")).waitFor({ timeout: FIND_MS });
    await this.reach(control);
    await this.#page.keyboard.press("Enter");
    this.acts += 1;
  }
  async button(name: string | RegExp): Promise<void> {
    await this.act(this.#page.getByRole("button", { name }).first());
  }
  async link(name: string | RegExp): Promise<void> {
    await this.act(this.#page.getByRole("link", { name }).first());
  }
  /** Into a field, over what stands there. */
  async fill(field: Locator, text: string): Promise<void> {
    await this.reach(field);
    await this.#page.keyboard.press("ControlOrMeta+A");
    await this.#page.keyboard.type(text);
    this.fields += 1;
  }
  /** One of a group of radio buttons, by its label. */
  async choose(label: Locator): Promise<void> {
    const radio = label.locator("input");
    const name = await radio.getAttribute("name");
    const group = this.#page.locator(`input[name="${name}"]`);
    const chosen = group.and(this.#page.locator(":checked"));
    await this.reach((await chosen.count()) > 0 ? chosen : group.first());
    if ((await chosen.count()) === 0) await this.#page.keyboard.press("Space");
    for (let at = 0; at < (await group.count()) && !(await radio.isChecked()); at++)
      await this.#page.keyboard.press("ArrowDown");
    if (!(await radio.isChecked())) throw new Error(`no arrow leads to ${label.toString()}`);
    this.acts += 1;
  }
  /** An entry of a list that opens, by its first letters. */
  async pick(list: Locator, entry: string): Promise<void> {
    await this.reach(list);
    await this.#page.keyboard.type(entry);
    this.acts += 1;
  }
  /** A check box. */
  async check(box: Locator): Promise<void> {
    await this.reach(box);
    await this.#page.keyboard.press("Space");
    this.acts += 1;
  }
  /** The browser's own window for files, opened by the keyboard too. */
  async file(input: Locator, file: { readonly name: string; readonly mimeType: string; readonly buffer: Buffer }) {
    const opened = async (): Promise<FileChooser | null> => {
      const coming = this.#page.waitForEvent("filechooser", { timeout: CHOOSER_MS }).catch(() => null);
      await this.reach(input);
      await this.#page.keyboard.press("Enter");
      return coming;
    };
    // A screen that has just come takes the focus for its heading, perhaps between the two keys.
    const chooser = (await opened()) ?? (await opened());
    if (chooser === null) throw new Error(`Enter opens no files at ${input.toString()}`);
    await chooser.setFiles(file);
    this.acts += 1;
  }
}
