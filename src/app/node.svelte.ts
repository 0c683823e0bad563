/**
 * The app's one state: the newest view from the worker, the route, the language, the second that ticks. Screens
 * read it and ask commands through it; they keep only what a form needs. Knows nothing of consensus.
 */
import { createContext } from "svelte";
import type { CommandKind, Commands, View } from "../../worker/port.ts";
import type { NodeClient, NodeClientEvents } from "../bridge/node-client.ts";
import { markDemo } from "../bridge/demo-mark.ts";
import { askPersistence } from "../bridge/persistence.ts";
import { clearedFrom, forgetResident } from "../bridge/resident.ts";
import type { PeerBridge } from "../bridge/peerjs.ts";
import { stayAwake, type WakeLock } from "../bridge/wake-lock.ts";
import { deviceZone, localeAt, placeIn, type Place } from "./calendar.ts";
import { DeviceState } from "./device.svelte.ts";
import type { FaceBook } from "./faces.svelte.ts";
import {
  keepLanguage,
  LANGUAGE_KEY,
  LANGUAGES,
  loadAllTexts,
  loadTexts,
  localeFor,
  type Language,
  type Texts,
} from "./language.ts";
import { hrefOf, parseRoute, type Route } from "./route.ts";
import type { FirstTexts } from "./text/en.ts";

export type Launch = (events: Pick<NodeClientEvents, "view" | "failed">) => NodeClient;

export class NodeState {
  /** The node's own view, kept also while the demo is shown. */
  #own = $state.raw<View | null>(null);
  #demoView = $state.raw<View | null>(null);
  demo = $state(false);
  demoAgain = $state(false);
  route = $state.raw<Route>({ name: "home" });
  language = $state<Language>("en");
  text = $state.raw() as FirstTexts;
  #all = $state.raw<Texts | null>(null);
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
  /** The community's place where its clocks show something else than this device's; undefined where they agree. */
  readonly place: Place = $derived(placeIn(this.view));
  /** The time zone of the days and months that are shown. */
  readonly zone: string = $derived(this.place ?? deviceZone());
  /** With whose clock times are shown by: calendar.ts. */
  readonly locale: string = $derived(localeAt(localeFor(this.language, navigator.languages), this.place));
  /** The screen stays on, whichever screen of the app is shown, until it is switched off or the page closes. */
  awake = $state(false);
  #lock: WakeLock | null = null;
  #node: NodeClient;
  #lab: NodeClient | null = null;
  readonly #startLab: Launch;
  /** The home screen, notices, a new build: what is about the device and no community. */
  readonly device: DeviceState = new DeviceState(this);
  /** Pictures of neighbours, on this device only; null until there are neighbours. */
  faces = $state.raw<FaceBook | null>(null);

  constructor(language: Language, text: FirstTexts, startNode: Launch, startLab: Launch) {
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

  /** `kept`: whether the pictures outlive the page; the demo's do not. */
  async openFaces(community: string, kept: boolean): Promise<void> {
    const part = await import("./faces.svelte.ts").catch(() => null);
    if (part === null || this.view?.community?.id !== community) return;
    this.faces ??= new part.FaceBook();
    this.faces.open(community, kept);
  }

  /** @param again the page was loaded anew in the middle of one: its community is gone, another begins. */
  startDemo(again = false): void {
    markDemo(true);
    this.demoAgain = again;
    this.#lab ??= this.#startLab({
      view: (view) => (this.#demoView = view),
      failed: () => (this.failed = true),
    });
    this.demo = true;
    this.go({ name: "home" });
  }

  leaveDemo(): void {
    markDemo(false);
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

  /** Every sentence, on the screens that come after a first visit's: Screen.svelte waits for them with the screen. */
  get all(): Texts {
    if (this.#all === null) throw new Error("a screen was opened without its sentences");
    return this.#all;
  }

  async readAll(): Promise<void> {
    if (this.#all !== null) return;
    const { language } = this;
    const all = await loadAllTexts(language);
    // Another was chosen meanwhile.
    if (language !== this.language) return this.readAll();
    this.#all = all;
  }

  async speak(language: Language): Promise<void> {
    if (this.#all === null) this.text = await loadTexts(language);
    else this.text = this.#all = await loadAllTexts(language);
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
