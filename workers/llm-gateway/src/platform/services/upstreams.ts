import type { Trace } from '@gateway/worker-utils/trace';
import type { Upstream } from '../../upstream/attempts/start-attempt.ts';
import { customLlmSdk } from './custom-llm-sdk.ts';
import { phasesOf, type PhaseStore } from '../postgres/phases-database.ts';
import { upstreamFetch } from './upstream-fetch.ts';
import { tracedUpstream } from './upstream-traced.ts';

type Needs = Parameters<typeof phasesOf>[0] &
  Pick<Parameters<typeof customLlmSdk>[0], 'pause' | 'tenantAnswers'> & { readonly trace: Trace };

/** All ways to ask a model. Each kind of upstream has its own, and all answer alike. */
export function upstreamsOf({ trace, pause, tenantAnswers, ...store }: Needs): {
  readonly upstream: Upstream;
  readonly phases: PhaseStore;
} {
  const phases = phasesOf(store);
  const askCustomLlm = customLlmSdk({ rememberPhase: phases.remember, pause, tenantAnswers });
  const send: Upstream['send'] = (request, signal) =>
    request.kind === 'http' ? upstreamFetch(request, signal) : askCustomLlm(request, signal);
  return { upstream: tracedUpstream({ send }, trace), phases };
}
