/**
 * Whose question is answered next (PROTOCOL.md §8.6): what neighbours ask of the disk waits here until nothing else is to be
 * done, one each in turn. Each member has a purse of work, whatever its links; whoever is no member shares one. Knows
 * neither questions nor answers, only what they cost.
 */

/**
 * In units of work, about a tenth of a millisecond each on a small computer: a member may have a tenth of this node's time,
 * and ten seconds at once, which is what beginning takes; all guests together a third of that.
 */
export type Purse = { readonly perSecond: number; readonly burst: number };
export const MEMBERS: Purse = { perSecond: 1_000, burst: 100_000 };
export const GUESTS: Purse = { perSecond: 300, burst: 30_000 };
/** Of one account; what comes on top is declined. */
const MAX_WAITING = 64;
/** Of all accounts. */
const MAX_ALL = 512;
/** Somebody who asks too much hears so as often as that. */
const DECLINE_MS = 1_000;

/** Of somebody who is no member, as far as this node knows. */
export const GUEST = "guest";

type Account = { units: number; at: number; declinedAt: number };

export class Counter<Errand extends { readonly peer: number }> {
  readonly #accountOf: (peer: number) => string;
  readonly #now: () => number;
  /** In the order of their turns. */
  readonly #lines = new Map<string, Errand[]>();
  readonly #accounts = new Map<string, Account>();
  #waiting = 0;

  constructor(accountOf: (peer: number) => string, now: () => number) {
    this.#accountOf = accountOf;
    this.#now = now;
  }
  /** False where it is not to be answered: its account is in debt, or has too much here already. */
  take(errand: Errand): boolean {
    const name = this.#accountOf(errand.peer);
    const line = this.#lines.get(name) ?? [];
    if (this.#account(name).units <= 0 || line.length >= MAX_WAITING || this.#waiting >= MAX_ALL) return false;
    this.#lines.set(name, line);
    line.push(errand);
    this.#waiting += 1;
    return true;
  }
  /** The next one of whoever has waited longest for a turn. */
  next(): Errand | null {
    const [first] = this.#lines;
    if (first === undefined) return null;
    const [name, line] = first;
    const errand = line.shift();
    this.#lines.delete(name);
    if (line.length > 0) this.#lines.set(name, line);
    this.#waiting -= 1;
    return errand ?? null;
  }
  /** True while its account has something left: an answer may cost more than that, and then is owed. */
  isGood(peer: number): boolean {
    return this.#account(this.#accountOf(peer)).units > 0;
  }
  spend(peer: number, units: number): void {
    this.#account(this.#accountOf(peer)).units -= units;
  }
  /** Whether to say that it is declined: not each time, as that would be a flood of our own. */
  mayDecline(peer: number): boolean {
    const account = this.#account(this.#accountOf(peer));
    if (this.#now() < account.declinedAt + DECLINE_MS) return false;
    account.declinedAt = this.#now();
    return true;
  }
  /** Its questions go with a link; its purse does not. */
  forget(peer: number): void {
    for (const [name, line] of this.#lines) {
      const others = line.filter((errand) => errand.peer !== peer);
      this.#waiting -= line.length - others.length;
      if (others.length > 0) this.#lines.set(name, others);
      else this.#lines.delete(name);
    }
  }
  #account(name: string): Account {
    const { perSecond, burst } = name === GUEST ? GUESTS : MEMBERS;
    const now = this.#now();
    const account = this.#accounts.get(name) ?? { units: burst, at: now, declinedAt: -DECLINE_MS };
    account.units = Math.min(burst, account.units + (Math.max(0, now - account.at) * perSecond) / 1_000);
    account.at = now;
    this.#accounts.set(name, account);
    return account;
  }
}
