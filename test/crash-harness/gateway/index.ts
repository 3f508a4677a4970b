import { appWith } from '../../../workers/llm-gateway/src/app.ts';
import { needsFrom } from '../../../workers/llm-gateway/src/platform/wiring/needs.ts';
import type { ProofEnv } from './proof-env.ts';
import { aboutIn } from './recorded-completion.ts';
import { recordedNeeds } from './recorded-needs.ts';
import { announceTo, type Recorder, recorderOf } from './recorder.ts';

export { AnswerQuota } from '../../../workers/llm-gateway/src/platform/services/answer-quota.ts';
export { LedgerIndex } from '../../../workers/llm-gateway/src/platform/durable-objects/ledger-index.ts';
export { RateLimiter } from '../../../workers/llm-gateway/src/platform/durable-objects/rate-limiter.ts';
export { SharedCircuit } from '../../../workers/llm-gateway/src/platform/durable-objects/shared-circuit.ts';
export { RecordedClearing as Clearing } from './recorded-clearing.ts';
export { RecordedCompletion as Completion } from './recorded-completion.ts';
export { RecordedLedger as Ledger } from './recorded-ledger.ts';

// The gateway as it is deployed, but that a test is told of whatever it asks of the outside, before and after, and may keep
// it from going on.

const VIEW = /^\/proof\/ledger\/(?<name>.+)$/;

// oxlint-disable-next-line import/no-default-export -- The platform looks for it.
export default {
  async fetch(request, env, context) {
    const name = VIEW.exec(new URL(request.url).pathname)?.groups?.['name'];
    if (name !== undefined) {
      return Response.json(await env.LEDGER.getByName(name).view());
    }
    const about = { ...aboutIn(request.headers), place: 'gateway' } as const;
    const recorder = recorderOf(announceTo(env.PROOF_URL, about));
    const app = appWith((bindings, origin) => {
      const needs = needsFrom(bindings, origin);
      return { ...recordedNeeds(needs, recorder), trace: needs.trace };
    });
    return app.fetch(request, env, recordedContext(context, recorder));
  },
} satisfies ExportedHandler<ProofEnv>;

/** What goes on behind the answer is over when the test has been told so. */
const recordedContext = (context: ExecutionContext, { across }: Recorder) => ({
  waitUntil: (work: Promise<unknown>) => context.waitUntil(across('background', () => work)),
  passThroughOnException: () => context.passThroughOnException(),
  props: context.props,
});
