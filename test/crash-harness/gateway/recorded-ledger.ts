import type { DurableObject } from 'cloudflare:workers';
import type { Admission } from '../../../workers/llm-gateway/src/billing/ledger/admission.ts';
import { Ledger } from '../../../workers/llm-gateway/src/platform/durable-objects/ledger.ts';
import { commitsOf } from './disk.ts';
import type { ProofEnv } from './proof-env.ts';
import { recordedPorts } from './recorded-ports.ts';
import { announceTo, type Recorder, recorderOf } from './recorder.ts';

/** Everything that a ledger is told, or wakes for. What it only shows changes nothing. */
type Message = Exclude<keyof Ledger, keyof DurableObject | 'view'> | 'alarm';
const MESSAGES: { readonly [M in Message]: `ledger.${M}` } = {
  reserve: 'ledger.reserve',
  attach: 'ledger.attach',
  renew: 'ledger.renew',
  settle: 'ledger.settle',
  release: 'ledger.release',
  takeUp: 'ledger.takeUp',
  alarm: 'ledger.alarm',
};

/** Then nobody waits for the message that comes once more. */
const AGAIN_MS = 700;

/* oxlint-disable typescript/no-misused-promises -- The platform waits for what becomes of a message. */
/** A payer's ledger, each message to it recorded: it is over when what it has written is durable. */
export class RecordedLedger extends Ledger {
  readonly #across: Recorder['across'];

  constructor(ctx: DurableObjectState, env: ProofEnv) {
    const payer = (ctx.id.name ?? '').replace(/^\w+:/, '');
    const announce = announceTo(env.PROOF_URL, { payer, exchange: null, place: 'ledger' });
    const commits = commitsOf(
      () => ctx.storage.sync(),
      () => announce({ port: 'disk', phase: 'after' }),
    );
    const recorder = recorderOf(async (crossing) => {
      await commits.committed();
      return announce(crossing);
    });
    super(ctx, env, (_, place) => recordedPorts(env, place, { recorder, commits }));
    this.#across = recorder.across;
  }

  override reserve(...ask: Parameters<Ledger['reserve']>): Promise<Admission> {
    return this.#told('reserve', () => super.reserve(...ask));
  }

  override attach(...attached: Parameters<Ledger['attach']>): Promise<void> {
    return this.#told('attach', async () => super.attach(...attached));
  }

  override renew(...renewed: Parameters<Ledger['renew']>): Promise<void> {
    return this.#told('renew', async () => super.renew(...renewed));
  }

  override settle(...ended: Parameters<Ledger['settle']>): Promise<void> {
    return this.#told('settle', async () => super.settle(...ended));
  }

  override release(...released: Parameters<Ledger['release']>): Promise<void> {
    return this.#told('release', async () => super.release(...released));
  }

  override takeUp(): ReturnType<Ledger['takeUp']> {
    return this.#told('takeUp', () => super.takeUp());
  }

  override alarm(): Promise<void> {
    return this.#told('alarm', () => super.alarm());
  }

  #told<Result>(message: Message, call: () => Promise<Result>): Promise<Result> {
    return this.#across(MESSAGES[message], async (verdict) => {
      if (verdict === 'again') this.ctx.waitUntil(scheduler.wait(AGAIN_MS).then(call));
      if (verdict === 'twice') await call();
      return call();
    });
  }
}
