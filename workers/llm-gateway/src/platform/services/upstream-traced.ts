import type { Trace } from '@gateway/worker-utils/trace';
import type { UpstreamRequest } from '../../exchange/exchange.ts';
import type { Upstream } from '../../upstream/attempts/start-attempt.ts';

/**
 * One span for each attempt, until its headers have come. The trace itself is not handed on: a provider learns nothing of
 * our callers.
 */
export function tracedUpstream(upstream: Upstream, trace: Trace): Upstream {
  if (!trace.isRecorded) return upstream;
  return {
    send: async (request, signal) =>
      trace.span('upstream', () => upstream.send(request, signal), {
        kind: 'client',
        attributes: { 'server.address': hostOf(request), 'http.request.method': 'POST' },
        describe: ({ status }) => ({
          attributes: { 'http.response.status_code': status },
          status: status >= 400 ? 'error' : 'unset',
        }),
      }),
  };
}

const hostOf = (request: UpstreamRequest): string =>
  new URL(request.kind === 'http' ? request.url : request.endpoint.baseUrl).host;
