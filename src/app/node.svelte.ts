/**
 * The app's one state: the newest view from the worker, the route, the language, the second that ticks. Screens
 * read it and ask commands through it; they keep only what a form needs. Knows nothing of consensus.
 */
import { createContext } from "svelte";
import type { CommandKind, Commands, View } from "../../worker/port.ts";
import type { NodeClient, NodeClientEvents } from "../bridge/node-client.ts";
import { askPersistence } from "../bridge/persistence.ts";
import { clearedFrom, forgetResident } from "../bridge/resident.ts";
import type { PeerBridge } from "../bridge/peerjs.ts";
import { stayAwake, type WakeLock } from "../bridge/wake-lock.ts";
import { DeviceState } from "./device.svelte.ts";
import { FaceBook } from "./faces.svelte.ts";
import { keepLanguage, LANGUAGE_KEY, LANGUAGES, loadTexts, localeFor, type Language } from "./language.ts";
import { hrefOf, parseRoute, type Route } from "./route.ts";
import type { Texts } from "./text/en.ts";

export type Launch = (events: Pick<NodeClientEvents, "view" | "failed">) => NodeClient;

export class NodeState {
  /** The node's own view, kept also while the demo is shown. */
  #own = $state.raw<View | null>(null);
  #demoView = $state.raw<View | null>(null);
  demo = $state(false);
  route = $state.raw<Route>({ name: "home" });
  language = $state<Language>("en");
  text = $state.raw() as Texts;
  /** The device's clock, each second while the page is seen. */
  now = $state(0);
  online = $state(true);
  /** The worker or a script has stopped: nothing but reloading helps. */
  failed = $state(false);
  /** Where connections that two people make by hand are given to the node; null where it is not on this device. */
  peers: () => Promise<PeerBridge | null> = async () => null;
  /** The community that lived in this browser and was cleared away; null where none was. */
  cleared = $state<string | null>(null);
  readonly view: View | null = $derived(this.demo ? this.#demoView : this.#own);
  readonly locale: string = $derived(localeFor(this.language, navigator.languages));
  /** The screen stays on, whichever screen of the app is shown, until it is switched off or the page closes. */
  awake = $state(false);
  #lock: WakeLock | null = null;
  #node: NodeClient;
  #lab: NodeClient | null = null;
  readonly #startLab: Launch;
  /** The home screen, notices, a new build: what is about the device and no community. */
  readonly device: DeviceState = new DeviceState(this);
  /** Pictures of neighbours, on this device only. */
  readonly faces: FaceBook = new FaceBook();

  constructor(language: Language, text: Texts, startNode: Launch, startLab: Launch) {
    this.language = language;
    this.text = text;
    this.#startLab = startLab;
    this.now = Date.now();
    this.#node = startNode({
      view: (view) => {
        this.#own = view;
        this.cleared = clearedFrom(view);
        this.device.look(view);
      },
      failed: () => (this.failed = true),
    });
  }

  /** Asks the browser to keep the data: when there are keys to lose, and the member has just pressed a button for them. */
  async protect(): Promise<boolean> {
    const persisted = await askPersistence();
    await this.#node.ask("storage-persisted", { persisted });
    return persisted;
  }

  /** The member knows, and does not want to come back. */
  forgetResident(): void {
    forgetResident();
    this.cleared = null;
  }

  /** The own node's newest view, whatever is shown. */
  get ownView(): View | null {
    return this.#own;
  }

  /** The community's time by the offset last estimated. */
  get communityNow(): number {
    return this.now + (this.view?.clockOffsetMs ?? 0);
  }

  /** The node behind the screens: the demo's while the demo is shown. */
  ask<K extends CommandKind>(name: K, ask: Commands[K]["ask"]): Promise<Commands[K]["answer"]> {
    return (this.demo && this.#lab !== null ? this.#lab : this.#node).ask(name, ask);
  }

  get node(): NodeClient {
    return this.#node;
  }

  keepAwake(on: boolean): void {
    this.#lock?.release();
    this.#lock = on ? stayAwake() : null;
    this.awake = on;
  }

  startDemo(): void {
    this.#lab ??= this.#startLab({
      view: (view) => (this.#demoView = view),
      failed: () => (this.failed = true),
    });
    this.demo = true;
    this.go({ name: "home" });
  }

  leaveDemo(): void {
    this.#lab?.close();
    this.#lab = null;
    this.#demoView = null;
    this.demo = false;
    this.go({ name: "home" });
  }

  go(route: Route): void {
    location.hash = hrefOf(route);
  }

  /** Another view of the same screen: the way back leads past it. */
  turn(route: Route): void {
    location.replace(hrefOf(route));
  }

  async speak(language: Language): Promise<void> {
    this.text = await loadTexts(language);
    this.language = language;
    keepLanguage(language);
    document.documentElement.lang = language;
  }

  /** Follows the address and the clock for as long as the page lives. */
  follow(): void {
    const read = (): void => {
      this.route = parseRoute(location.hash);
    };
    window.addEventListener("hashchange", read);
    read();
    const tick = (): void => {
      if (document.visibilityState === "visible") this.now = Date.now();
    };
    document.addEventListener("visibilitychange", tick);
    setInterval(tick, 1000);
    // Chosen in another window of this device: one app speaks one language.
    window.addEventListener("storage", ({ key, newValue }) => {
      const chosen = key === LANGUAGE_KEY ? LANGUAGES.find((one) => one === newValue) : undefined;
      if (chosen !== undefined && chosen !== this.language) void this.speak(chosen);
    });
  }
}

/** The page's own address without a fragment: what an invitation link starts with. */
export const pageBase = (): string => location.href.split("#")[0] ?? location.href;

export const [useApp, provideApp] = createContext<NodeState>();
