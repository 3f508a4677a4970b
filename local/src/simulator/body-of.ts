import { exchangeOf } from './exchange.ts';
import type { ChatRequest } from './request.ts';
import { Scenario, scenarioOf } from './scenario.ts';
import { scriptOf } from './script.ts';

/** What the simulator must be told to know every byte of an answer. An entry of its log is just that. */
export type Told = {
  readonly body: ChatRequest | null;
  readonly generationId: string;
  readonly created: number;
  /** Without one, what the model's name asks for. */
  readonly scenario?: string | null;
};

/** The exact bytes of the body that is, or would be, delivered: up to the point where it ends, breaks or hangs. */
export function bodyOf({ body, generationId, created, scenario = null }: Told): Buffer {
  if (!body) throw new Error('A request that is no chat request has no scripted answer.');
  const identity = { generationId, created };
  const played = scenario === null ? scenarioOf(body.model).data : Scenario.parse(scenario);
  if (!played) throw new Error(`No scenario: ${body.model}`);
  const parts: Buffer[] = [];
  for (const step of scriptOf(
    exchangeOf({ protocol: 'chat', request: body, scenario: played, identity }),
  )) {
    if (step.kind === 'bytes') parts.push(step.bytes);
    if (step.kind === 'end') break;
  }
  return Buffer.concat(parts);
}

/** As `bodyOf`, streamed whatever the request asks. */
export const sseOf = (told: Told): Buffer =>
  bodyOf({ ...told, body: told.body && { ...told.body, stream: true } });
