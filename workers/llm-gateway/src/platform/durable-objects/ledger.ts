import { DurableObject } from 'cloudflare:workers';
import type { ExchangeId } from '@gateway/worker-utils/ids';
import type { Instant } from '@gateway/worker-utils/time';
import type { Admission } from '../../billing/ledger/admission.ts';
import { type LedgerState, openLedger, type Ports } from '../../billing/ledger/ledger-state.ts';
import type { Ended } from '../../billing/ledger/entry.ts';
import { type LedgerOwner, ledgerOwnerIn } from '../../billing/ledger/ledger-owner.ts';
import { type LedgerView, viewOf } from '../../billing/ledger/ledger-view.ts';
import type { CostLookup } from '../../billing/ledger/cost-lookup.ts';
import { reserve, type ReserveAsk } from '../../billing/ledger/reserve.ts';
import { recordGenerationId, release, renew, settle } from '../../billing/ledger/settle.ts';
import { retryQuarantined } from '../../billing/ledger/retry-quarantined.ts';
import { wake } from '../../billing/ledger/wake.ts';

/** Whose ledger it is, and what the platform gives with it. */
export type LedgerPlace = {
  readonly owner: LedgerOwner;
  readonly storage: DurableObjectStorage;
  readonly wakeAt: Ports['wakeAt'];
};

/** The ledger of one payer: the object's name tells whose. The rules are in `ledger/`; this gives them disk, time and a voice. */
export class Ledger extends DurableObject<Env> {
  readonly #desk: LedgerState;
  #alarmAt: number | null = null;

  constructor(
    ctx: DurableObjectState,
    env: Env,
    portsFrom: (env: Env, place: LedgerPlace) => Ports,
  ) {
    super(ctx, env);
    const name = ctx.id.name ?? '';
    const owner = ledgerOwnerIn(name);
    if (!owner) throw new Error(`No ledger is called ${name}.`);
    const wakeAt: Ports['wakeAt'] = (at) => this.#wakeAt(at);
    this.#desk = openLedger(portsFrom(env, { owner, storage: ctx.storage, wakeAt }));
  }

  reserve(ask: ReserveAsk): Promise<Admission> {
    return reserve(this.#desk, ask);
  }

  attach(id: ExchangeId, question: CostLookup): void {
    recordGenerationId(this.#desk, id, question);
  }

  renew(id: ExchangeId): void {
    renew(this.#desk, id);
  }

  settle(ended: Ended): void {
    settle(this.#desk, ended);
  }

  release(id: ExchangeId): void {
    release(this.#desk, id);
  }

  /** For an operator: ids and amounts. */
  view(): LedgerView {
    return viewOf(this.#desk);
  }

  /** For an operator, who has mended what kept rows from Postgres. */
  async takeUp(): Promise<LedgerView> {
    await retryQuarantined(this.#desk);
    return viewOf(this.#desk);
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    await wake(this.#desk);
  }

  /**
   * Becomes durable with what was written in the same turn. An alarm that is already set for earlier stays. Never for a moment
   * that has passed: an alarm that sets itself to its own time is taken for the one that runs, and is lost.
   */
  #wakeAt(at: Instant): void {
    const now = this.#desk.ports.clock.now();
    const due = Math.max(at, now + 1);
    if (this.#alarmAt !== null && this.#alarmAt <= due) return;
    this.#alarmAt = due;
    void this.ctx.storage.setAlarm(due);
  }
}
