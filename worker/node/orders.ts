/** What a person at this device asks of the chain (events.ts, Order): each is checked first, answered or refused. */
import { encode } from "../base/codec.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { MemberIndex, TxId } from "../base/units.ts";
import { lastEnded } from "../community/market-step.ts";
import { PPM } from "../community/repartition.ts";
import { beginStep } from "../consensus/transition.ts";
import { checkAction } from "../ledger/actions.ts";
import { Draft } from "../ledger/state.ts";
import { signTx, type Action, type Body } from "../ledger/transaction.ts";
import type { Core } from "./core.ts";
import { makeMeter } from "./desk.ts";
import type { Duties } from "./duties.ts";
import type { Order } from "./events.ts";
import { STRATEGY_ROW, strategyCodec, type Strategy } from "./strategy.ts";

type Of<K extends Order["kind"]> = Extract<Order, { kind: K }>;
/** What was made, where something was. */
type Answer = Result<string | undefined>;
const done: Answer = ok(undefined);
const no = (code: string, message: string): Answer => refuse(code, message, "ignore");
const notMember = (): Answer => no("not-a-member", "Only members decide; wait until you are admitted.");

export class Orders {
  readonly core: Core;
  readonly #duties: Duties;
  constructor(core: Core, duties: Duties) {
    this.core = core;
    this.#duties = duties;
  }
  carryOut(id: number, order: Order): void {
    const answer = this.#carryOut(order);
    const value = answer.ok ? answer.value : undefined;
    this.core.out.changed();
    this.core.out.push({
      kind: "answer",
      id,
      refusal: answer.ok ? null : answer.error,
      ...(value === undefined ? {} : { value }),
    });
  }
  #carryOut(order: Order): Answer {
    const { core } = this;
    switch (order.kind) {
      case "add-meter":
        return this.#addMeter(order);
      case "confirm-meter":
        return core.desk.confirm(core, order.meter, order.from)
          ? done
          : no("meter-not-stopped", "This meter is counting; there is nothing to confirm.");
      case "forget-meter":
        core.desk.forget(core, order.meter);
        return done;
      case "write-down":
        core.desk.writeDown(core);
        return done;
      case "admit":
        return this.#admit(order);
      case "propose":
        return this.#propose(order.action);
      case "vote":
        return this.#vote(order);
      case "strategy":
        return this.#setStrategy(order.strategy);
    }
  }
  #addMeter(order: Of<"add-meter">): Answer {
    const { core } = this;
    const meter = makeMeter(order.meter, order, order.secret);
    core.desk.add(core, meter);
    if (core.me !== null && core.desk.generatorOf(core, meter) === null)
      this.#submitProposal(core.me, {
        kind: "generator",
        terms: { ...order.terms, key: meter.key, owner: core.me, endorsement: null },
      });
    return ok(order.meter);
  }
  #admit({ key, weight, replaces = null }: Of<"admit">): Answer {
    const { core } = this;
    if (core.me === null) return notMember();
    const application = core.applications.get(key);
    if (application === undefined)
      return no(
        "applicant-unknown",
        "This neighbour's request is no longer here; ask them to open the invitation again.",
      );
    if (!Number.isSafeInteger(weight) || weight < 0 || weight > PPM)
      return no("weight-too-large", "A weight is a whole number, at most 1,000,000.");
    const { blsKey, blsProof } = application;
    return this.#propose(
      replaces === null
        ? { kind: "member", terms: { key, blsKey, blsProof, weight, vpp: true } }
        : { kind: "rotate", member: replaces, key, blsKey, blsProof },
    );
  }
  /** Refused here where the chain would refuse it: nobody votes on what cannot be. */
  #propose(action: Action): Answer {
    const { chain, me } = this.core;
    if (me === null) return notMember();
    const ctx = chain.contextOn(new Draft(chain.state), chain.head.header.step + 1);
    beginStep(ctx);
    const checked = checkAction(ctx, action);
    return checked.ok ? ok(this.#submitProposal(me, action)) : checked;
  }
  /** A proposal and our own yes. */
  #submitProposal(me: MemberIndex, action: Action): string {
    const step = lastEnded(this.core.contract, this.core.now);
    const id = this.#submit(me, { kind: "proposal", member: me, step, action }) as TxId;
    // Leaving is nobody's to decide but one's own.
    if (action.kind !== "leave" || action.member !== me)
      this.#submit(me, { kind: "ballot", member: me, step, proposal: id, yes: true });
    return id;
  }
  #vote({ proposal, yes }: Of<"vote">): Answer {
    const { core } = this;
    if (core.me === null) return notMember();
    if (core.chain.state.get("proposal", proposal) === undefined) return no("proposal-unknown", "This ballot is over.");
    const step = lastEnded(core.contract, core.now);
    this.#submit(core.me, { kind: "ballot", member: core.me, step, proposal: proposal as TxId, yes });
    return done;
  }
  #submit(me: MemberIndex, body: Body): string {
    const { chain, keys } = this.core;
    return this.#duties.submit(signTx(body, me, chain.community, keys.memberSecret));
  }
  #setStrategy(strategy: Strategy): Answer {
    const { core } = this;
    if (!Number.isSafeInteger(strategy.sharePpm) || strategy.sharePpm < 0 || strategy.sharePpm > PPM)
      return no("share-range", "The part of your voting tokens is from 0 to 100 per cent.");
    core.strategy = strategy;
    core.out.commit("settings", STRATEGY_ROW, encode(strategyCodec, strategy));
    return done;
  }
}
