import type { Trace } from '@gateway/worker-utils/trace';
import type { Upstream } from '../stages/attempt.ts';

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
        attributes: { 'server.address': new URL(request.url).host, 'http.request.method': 'POST' },
        describe: ({ status }) => ({
          attributes: { 'http.response.status_code': status },
          status: status >= 400 ? 'error' : 'unset',
        }),
      }),
  };
}
