import { batchedAccountsOf } from '../../../workers/llm-gateway/src/platform/durable-objects/clients/settlement-batchers.ts';
import type { LedgerPlace } from '../../../workers/llm-gateway/src/platform/durable-objects/ledger.ts';
import type { Ports } from '../../../workers/llm-gateway/src/billing/ledger/ledger-state.ts';
import { ledgerName } from '../../../workers/llm-gateway/src/billing/ledger/ledger-owner.ts';
import { ledgerPortsFrom } from '../../../workers/llm-gateway/src/platform/wiring/ledger.ts';
import { type Commits, recordedDisk } from './disk.ts';
import type { ProofEnv } from './proof-env.ts';
import { inline, type Recorded, type Recorder } from './recorder.ts';

/** What a ledger asks of the outside, each question of it recorded. */
export function recordedPorts(
  env: ProofEnv,
  place: LedgerPlace,
  { recorder, commits }: { readonly recorder: Recorder; readonly commits: Commits },
): Recorded<Ports> {
  const { crossing } = recorder;
  const ports = ledgerPortsFrom(env, place);
  const books = env.PROOF_CLEARINGS === 'own' ? ownBooks(env, place) : ports.accounts;
  return {
    ...recordedDisk(ports, commits),
    leaseMs: ports.leaseMs,
    terms: ports.terms,
    clock: { now: inline(ports.clock.now) },
    chance: inline(ports.chance),
    accounts: {
      settle: crossing('books.settle', books.settle),
      accountFor: crossing('books.accountFor', books.accountFor),
    },
    charges: { applyLookup: crossing('charges.hear', ports.charges.applyLookup) },
    generations: { ask: crossing('generations.ask', ports.generations.ask) },
    consequences: { perform: crossing('consequences.perform', ports.consequences.perform) },
    index: { put: crossing('index.put', ports.index.put) },
    report: crossing('report', ports.report),
    log: {
      info: inline(ports.log.info),
      warn: inline(ports.log.warn),
      error: inline(ports.log.error),
    },
  };
}

/** By a clearing that no other payer waits for: who is held at a statement holds nobody else. */
const ownBooks = ({ CLEARING }: ProofEnv, { owner }: LedgerPlace): Ports['accounts'] =>
  batchedAccountsOf({ objects: CLEARING, locationHint: null, name: ledgerName(owner), owner });
