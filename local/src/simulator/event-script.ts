import type { Exchange } from './exchange.ts';
import { bytesStep, type Step } from './step.ts';
import { headersOf, jsonText } from './wire.ts';

/** An event whose name is its type, and so many tokens of the answer. */
export type NamedEvent = { readonly type: string; readonly tokens?: number } & Readonly<
  Record<string, unknown>
>;

export function namedEvent(
  { tokens: _tokens, ...data }: NamedEvent,
  { scenario }: Exchange,
): string {
  const line = scenario.settings.crlf ? '\r\n' : '\n';
  return `event: ${data.type}${line}data: ${jsonText(data, scenario.settings)}${line}${line}`;
}

/** A stream of named events, as Anthropic and OpenAI send them: an opening, the answer token by token, an end. */
export function* eventScript(
  exchange: Exchange,
  {
    opening,
    spoken,
    closing,
  }: {
    readonly opening: readonly NamedEvent[];
    readonly spoken: readonly NamedEvent[];
    readonly closing: readonly NamedEvent[];
  },
): Generator<Step> {
  const { settings } = exchange.scenario;
  if (settings.headers > 0) yield { kind: 'wait', ms: settings.headers };
  yield { kind: 'head', status: 200, headers: headersOf('text/event-stream', exchange) };
  for (const event of opening) yield bytesStep(namedEvent(event, exchange));
  if (settings.first > 0) yield { kind: 'wait', ms: settings.first };
  for (const [index, event] of spoken.entries()) {
    if (settings.delay > 0 && index > 0 && event.tokens) yield { kind: 'wait', ms: settings.delay };
    yield bytesStep(namedEvent(event, exchange), event.tokens ?? 0);
  }
  for (const event of settings.finish ? closing : []) yield bytesStep(namedEvent(event, exchange));
  yield { kind: 'end', how: 'clean', as: 'complete' };
}
