/**
 * Whose turn it is, where one neighbour at a time is asked (PROTOCOL.md §8.3): whoever was asked in vain comes after all who
 * were not, and after those for whom that is longer ago. A pause alone would not do: liars and the silent whose pauses end
 * while others of them are waited for would be asked in turns for ever, and an honest one never. Knows no messages.
 */
export class Turns {
  #vain: readonly number[] = [];

  /** It was asked in vain just now. */
  after(peer: number): void {
    this.#vain = [...this.#vain.filter((one) => one !== peer), peer];
  }
  down(peer: number): void {
    this.#vain = this.#vain.filter((one) => one !== peer);
  }
  of(peers: readonly number[]): readonly number[] {
    return peers.toSorted((a, b) => this.#vain.indexOf(a) - this.#vain.indexOf(b));
  }
}
