import type { Identity } from './identity.ts';
import type { ChatRequest } from './request.ts';
import type { Scenario } from './scenario.ts';

/** All that an answer is made from. */
export type Exchange = {
  readonly request: ChatRequest;
  readonly scenario: Scenario;
  readonly identity: Identity;
};

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
