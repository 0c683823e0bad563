/**
 * The app as a guest of its device: a new build that waits, the home screen, the icon's number, notices, a file that was
 * handed over. Looks at every view of the own node, never at the demo's. Knows no screens' layout.
 */
import type { View } from "../../worker/port.ts";
import { setBadge } from "../bridge/badge.ts";
import { isInIosMenu, isInstallAside, putInstallAside } from "../bridge/install.ts";
import { keepTold, keepWanted, showNotice, storedTold, storedWanted, wantsAny } from "../bridge/notify.ts";
import { installMoment, type InstallWay } from "./install.ts";
import type { NodeState } from "./node.svelte.ts";
import { noticesDue, type Notice, type Told, type Wanted } from "./notices.ts";
import { thingsToDo } from "./to-do.ts";
import { Updating } from "./updating.svelte.ts";

export class DeviceState {
  /** Asks the browser to install the app; null while it does not offer that. */
  install = $state.raw<(() => Promise<void>) | null>(null);
  wanted = $state.raw<Wanted>(storedWanted());
  /** A proof's file that the system handed over, until its screen takes it. */
  handed = $state.raw<File | null>(null);
  readonly updating: Updating;
  readonly #app: NodeState;
  #putAside = $state(isInstallAside());
  #told: Told = storedTold();
  #badge = 0;

  constructor(app: NodeState) {
    this.#app = app;
    this.updating = new Updating({
      now: () => Date.now(),
      situation: () => ({ route: app.route.name, demo: app.demo }),
      rest: () => app.node.ask("rest", {}),
      delay: (ms) => new Promise((done) => setTimeout(done, ms)),
    });
  }

  get installWay(): InstallWay {
    return this.install !== null ? "prompt" : isInIosMenu() ? "menu" : "none";
  }

  /** How the app may be offered for the home screen on Home now; null: not now. */
  get installMoment(): Exclude<InstallWay, "none"> | null {
    return installMoment(this.#app.view, this.installWay, this.#putAside);
  }

  putInstallAside(): void {
    putInstallAside();
    this.#putAside = true;
  }

  want(wanted: Wanted): void {
    this.wanted = wanted;
    keepWanted(wanted);
  }

  /** A proof's file from the system; its screen asks for it with {@link takeHanded}. */
  hand(file: File): void {
    this.handed = file;
    location.hash = "#/verify";
  }

  takeHanded(): File | null {
    const { handed } = this;
    this.handed = null;
    return handed;
  }

  /** At every view of the own node. */
  look(view: View): void {
    this.updating.look(view);
    const count = thingsToDo(view);
    if (count !== this.#badge) setBadge(count);
    this.#badge = count;
    // Of several windows the one that runs the node speaks.
    if (view.leader && wantsAny(this.wanted)) this.#call(view);
  }

  #call(view: View): void {
    const { due, told } = noticesDue(view, this.wanted, this.#told, document.visibilityState === "visible");
    const changed = Object.keys(told).join() !== Object.keys(this.#told).join();
    this.#told = told;
    if (changed) keepTold(told);
    if (due.length > 0) void this.#show(due);
  }

  async #show(due: readonly Notice[]): Promise<void> {
    const { language } = this.#app;
    const { loadNoticeTexts, noticeWords } = await import("./notice-words.ts");
    const text = await loadNoticeTexts(language);
    for (const notice of due)
      await showNotice(notice.tag, notice.hash, noticeWords(text, notice, this.wanted.named), language);
  }
}
