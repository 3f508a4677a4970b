import type { CustomCall } from '../custom-llm/custom-call.ts';
import type { HttpRequest } from '../exchange.ts';
import type { Upstream } from '../stages/attempt.ts';

type Send<Request> = (request: Request, signal: AbortSignal) => Promise<Response>;
type Ways = { readonly http: Send<HttpRequest>; readonly customLlm: Send<CustomCall> };

/** Each kind of upstream has its own way, and all answer alike. */
export const upstreamsOf = ({ http, customLlm }: Ways): Upstream => ({
  send: (request, signal) =>
    request.kind === 'http' ? http(request, signal) : customLlm(request, signal),
});
