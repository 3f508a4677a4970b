import { Completion } from '../../../workers/llm-gateway/src/platform/durable-objects/idempotent-answer.ts';
import { needsFrom } from '../../../workers/llm-gateway/src/platform/wiring/needs.ts';
import { idempotentAnswerPortsFrom } from '../../../workers/llm-gateway/src/platform/wiring/idempotency.ts';
import type { ProofEnv } from './proof-env.ts';
import { recordedNeeds } from './recorded-needs.ts';
import { announceTo, recorderOf } from './recorder.ts';

type About = { payer: string; exchange: string };

/** The object of a key, that records whatever its answer asks of the outside: of each caller's key, there is one request. */
export class RecordedCompletion extends Completion {
  readonly #about: About;

  constructor(ctx: DurableObjectState, env: ProofEnv) {
    const about: About = { payer: '', exchange: '' };
    const needsOf: typeof needsFrom = (bindings, origin) => {
      const needs = needsFrom(bindings, origin);
      const recorder = recorderOf(announceTo(env.PROOF_URL, { ...about, place: 'gateway' }));
      return { ...recordedNeeds(needs, recorder), trace: needs.trace };
    };
    super(ctx, env, idempotentAnswerPortsFrom(needsOf));
    this.#about = about;
  }

  override answer(...asked: Parameters<Completion['answer']>): ReturnType<Completion['answer']> {
    const [{ headers }] = asked;
    Object.assign(this.#about, aboutIn(new Headers(headers.map(([...header]) => header))));
    return super.answer(...asked);
  }
}

/** Whose request it is, and which. */
export function aboutIn(headers: Headers): About {
  const [payer = '', exchange = ''] = (headers.get('x-proof') ?? '').split(' ');
  return { payer, exchange };
}
