/** What a person at this device asks of the chain (events.ts, Order): each is checked first, answered or refused. */
import { refuse } from "../base/result.ts";
import type { MemberIndex, PublicKey, TxId } from "../base/units.ts";
import { lastEnded } from "../community/market-step.ts";
import { PPM } from "../community/repartition.ts";
import { signTx, type Action } from "../ledger/transaction.ts";
import type { Core } from "./core.ts";
import { makeMeter } from "./desk.ts";
import type { Duties } from "./duties.ts";
import type { Order } from "./events.ts";
import type { Application } from "./messages.ts";

export class Orders {
  readonly core: Core;
  readonly #duties: Duties;
  constructor(core: Core, duties: Duties) {
    this.core = core;
    this.#duties = duties;
  }
  carryOut(id: number, order: Order): void {
    const { core } = this;
    const done = (value?: string): void =>
      core.out.push({ kind: "answer", id, refusal: null, ...(value === undefined ? {} : { value }) });
    const no = (code: string, message: string): void => {
      const refused = refuse(code, message, "ignore");
      core.out.push({ kind: "answer", id, refusal: refused.error });
    };
    const me = core.me;
    switch (order.kind) {
      case "add-meter": {
        const meter = makeMeter(order.meter, order, order.secret);
        core.desk.add(core, meter);
        if (me !== null && core.desk.generatorOf(core, meter) === null)
          this.#propose(me, {
            kind: "generator",
            terms: { ...order.terms, key: meter.key, owner: me, endorsement: null },
          });
        core.out.changed();
        return done(order.meter);
      }
      case "confirm-meter":
        return core.desk.confirm(core, order.meter)
          ? done()
          : no("meter-not-stopped", "This meter is counting; there is nothing to confirm.");
      case "forget-meter":
        core.desk.forget(core, order.meter);
        core.out.changed();
        return done();
      case "admit":
        return this.#admit(me, order.key, order.weight, done, no);
      case "vote":
        if (me === null) return no("not-a-member", "Only members vote; wait until you are admitted.");
        if (core.chain.state.get("proposal", order.proposal) === undefined)
          return no("proposal-unknown", "This ballot is over.");
        this.#duties.submit(
          signTx(
            {
              kind: "ballot",
              member: me,
              step: lastEnded(core.contract, core.now),
              proposal: order.proposal as TxId,
              yes: order.yes,
            },
            me,
            core.chain.community,
            core.keys.memberSecret,
          ),
        );
        core.out.changed();
        return done();
    }
  }
  #admit(
    me: MemberIndex | null,
    applicant: PublicKey,
    weight: number,
    done: (v?: string) => void,
    no: (c: string, m: string) => void,
  ): void {
    const { core } = this;
    const application: Application | undefined = core.applications.get(applicant);
    if (me === null) return no("not-a-member", "Only members admit; wait until you are admitted yourself.");
    if (application === undefined)
      return no(
        "applicant-unknown",
        "This neighbour's request is no longer here; ask them to open the invitation again.",
      );
    if (!Number.isSafeInteger(weight) || weight < 0 || weight > PPM)
      return no("weight-too-large", "A weight is a whole number, at most 1,000,000.");
    const { blsKey, blsProof } = application;
    core.out.changed();
    done(this.#propose(me, { kind: "member", terms: { key: applicant, blsKey, blsProof, weight, vpp: true } }));
  }
  /** A proposal and our own yes. */
  #propose(me: MemberIndex, action: Action): string {
    const { chain, contract, keys, now } = this.core;
    const proposal = signTx(
      { kind: "proposal", member: me, step: lastEnded(contract, now), action },
      me,
      chain.community,
      keys.memberSecret,
    );
    const id = this.#duties.submit(proposal) as TxId;
    this.#duties.submit(
      signTx(
        { kind: "ballot", member: me, step: lastEnded(contract, now), proposal: id, yes: true },
        me,
        chain.community,
        keys.memberSecret,
      ),
    );
    return id;
  }
}
