/**
 * A disk that takes its time and forgets what it was not done with: a commit is durable, whole, when its promise resolves
 * after a (virtual) delay. Power lost before that loses it, or keeps it all without telling anybody: both happen on real
 * disks, and the second is a crash between commit and send.
 */
import { StoreError, type Op, type Store } from "../../storage/store.ts";
import type { VirtualTime } from "../virtual-time.ts";

type Underway = { readonly ops: readonly Op[]; readonly reject: (error: unknown) => void; readonly cancel: () => void };

export class ForgetfulStore implements Store {
  readonly #inner: Store;
  readonly #time: VirtualTime;
  readonly #delayMs: () => number;
  readonly #wait: (is: boolean) => void;
  #underway: Underway | null = null;
  #dead = false;
  /** Until then it is quick: a node that is still being opened cannot wait for virtual time. */
  slow = false;

  constructor(inner: Store, time: VirtualTime, delayMs: () => number, wait: (is: boolean) => void) {
    this.#inner = inner;
    this.#time = time;
    this.#delayMs = delayMs;
    this.#wait = wait;
  }
  get = (...of: Parameters<Store["get"]>): ReturnType<Store["get"]> => this.#inner.get(...of);
  entries = (...of: Parameters<Store["entries"]>): ReturnType<Store["entries"]> => this.#inner.entries(...of);
  keys = (...of: Parameters<Store["keys"]>): ReturnType<Store["keys"]> => this.#inner.keys(...of);
  wipe = (): Promise<void> => this.#inner.wipe();
  usage = (): ReturnType<Store["usage"]> => this.#inner.usage();
  close = (): Promise<void> => this.#inner.close();

  commit = (ops: readonly Op[]): Promise<void> => {
    if (this.#dead) return Promise.reject(new StoreError("closed"));
    const delay = this.slow ? this.#delayMs() : 0;
    if (delay === 0) return this.#inner.commit(ops);
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        this.#underway = null;
        this.#time.hold(
          this.#inner.commit(ops).then(
            () => {
              this.#wait(false);
              resolve();
            },
            (error: unknown) => {
              this.#wait(false);
              reject(error);
            },
          ),
        );
      };
      this.#underway = { ops, reject, cancel: this.#time.at(this.#time.now + delay, finish) };
      this.#wait(true);
    });
  };
  /** The power goes. `kept`: the commit under way reached the disk, though nobody heard of it. */
  async powerOff(kept: boolean): Promise<void> {
    this.#dead = true;
    const underway = this.#underway;
    this.#underway = null;
    if (underway === null) return;
    underway.cancel();
    if (kept) await this.#inner.commit(underway.ops);
    underway.reject(new StoreError("closed"));
  }
}
