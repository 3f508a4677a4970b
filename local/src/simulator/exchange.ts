import { type Answer, answerOf } from './answer.ts';
import type { Identity } from './identity.ts';
import { type ChatRequest, choicesOf } from './request.ts';
import type { Scenario } from './scenario.ts';
import type { Protocol } from './wire-requests.ts';

export type Asked = {
  readonly request: ChatRequest;
  readonly scenario: Scenario;
  readonly identity: Identity;
  readonly protocol: Protocol;
};

/** All that a script is made from. */
export type Exchange = Asked & { readonly answer: Answer };

export function exchangeOf(asked: Asked): Exchange {
  const { request, scenario } = asked;
  const { settings } = scenario;
  const choices = settings.choices > 1 ? settings.choices : choicesOf(request);
  return {
    ...asked,
    scenario: { ...scenario, settings: { ...settings, choices } },
    answer: answerOf(request, scenario),
  };
}

/** Whether it is streamed: as the request asks, unless the scenario does not listen. */
export function isStreamed({ request, scenario }: Exchange): boolean {
  switch (scenario.settings.reply) {
    case 'json':
      return false;
    case 'sse':
      return true;
    case 'asked':
      return request.stream === true;
  }
}
