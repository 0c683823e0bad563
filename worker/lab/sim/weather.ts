/**
 * A network that goes wrong, around the good one and at the level of whole messages (frames below are an ordered reliable
 * channel, as WebRTC's): delay, loss, duplication, reordering, bandwidth. What happens to each message is drawn from the
 * seed. Partitions are the hub's.
 */
import type { Network, NetworkEvent, PeerId, Surroundings } from "../../network/network.ts";
import type { Rng } from "./rng.ts";

export type Forecast = {
  /** One way, ms: each message draws its own, so that they overtake each other. */
  readonly delayMs: readonly [least: number, most: number];
  /** Of a million messages, how many take ten times the longest delay. */
  readonly slowPpm: number;
  readonly lossPpm: number;
  readonly twicePpm: number;
  /** Bytes a second and direction of a link; what does not fit waits. 0: no limit. */
  readonly bandwidth: number;
};

export const CALM: Forecast = { delayMs: [0, 0], slowPpm: 0, lossPpm: 0, twicePpm: 0, bandwidth: 0 };
/** A home's network on an ordinary day. */
export const ORDINARY: Forecast = {
  delayMs: [5, 80],
  slowPpm: 5_000,
  lossPpm: 2_000,
  twicePpm: 2_000,
  bandwidth: 250_000,
};
export const STORM: Forecast = {
  delayMs: [20, 400],
  slowPpm: 20_000,
  lossPpm: 50_000,
  twicePpm: 20_000,
  bandwidth: 50_000,
};

export class Weather {
  forecast: Forecast;
  readonly #surroundings: Surroundings;
  readonly #rng: Rng;
  /** When each link's queue is empty again, by sender and peer number. */
  readonly #busy = new Map<string, number>();
  messages = 0;
  lost = 0;

  constructor(surroundings: Surroundings, rng: Rng, forecast: Forecast) {
    this.#surroundings = surroundings;
    this.#rng = rng;
    this.forecast = forecast;
  }
  /** When copies of a message arrive, ms from now: none, one or two. */
  #fate(link: string, bytes: number): number[] {
    const { delayMs, slowPpm, lossPpm, twicePpm, bandwidth } = this.forecast;
    this.messages += 1;
    if (this.#rng.happens(lossPpm)) {
      this.lost += 1;
      return [];
    }
    let queue = 0;
    if (bandwidth > 0) {
      const now = this.#surroundings.now();
      const free = Math.max(now, this.#busy.get(link) ?? 0) + (bytes * 1_000) / bandwidth;
      this.#busy.set(link, free);
      queue = Math.round(free - now);
    }
    const draw = (): number =>
      queue + this.#rng.between(...delayMs) + (this.#rng.happens(slowPpm) ? delayMs[1] * 10 : 0);
    return this.#rng.happens(twicePpm) ? [draw(), draw()] : [draw()];
  }
  /** The network of node `i` in this weather. */
  over(i: number, network: Network): Network {
    let stopped = false;
    const up = new Set<PeerId>();
    return {
      ...network,
      start: (onEvent) =>
        network.start((event: NetworkEvent) => {
          if (event.kind === "up") up.add(event.peer);
          if (event.kind === "down") {
            up.delete(event.peer);
            this.#busy.delete(`${i}/${event.peer}`);
          }
          onEvent(event);
        }),
      send: (peer, bytes) => {
        for (const delay of this.#fate(`${i}/${peer}`, bytes.length)) {
          if (delay === 0) network.send(peer, bytes);
          else
            this.#surroundings.after(delay, () => {
              if (!stopped && up.has(peer)) network.send(peer, bytes);
            });
        }
      },
      stop: () => {
        stopped = true;
        network.stop();
      },
    };
  }
}
