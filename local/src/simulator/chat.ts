import { cacheControlFault } from './cache-control.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseJson } from '@gateway/worker-utils/json';
import { billOf } from './extras.ts';
import { type Exchange, exchangeOf, isStreamed } from './exchange.ts';
import type { Generations } from './generations.ts';
import { answerJson, readText, watchClient } from './http.ts';
import { freshIdentity, identityOf } from './identity.ts';
import type { DeliveryLog, Ending, Entry } from './log.ts';
import { type Interpose, play } from './play.ts';
import { Scenario, scenarioOf } from './scenario.ts';
import { scriptOf } from './script.ts';
import type { Orders } from './standing.ts';
import { costOf, expectedUsage } from './usage.ts';
import { type Form, requestSchemas } from './wire-requests.ts';

export type House = {
  readonly log: DeliveryLog;
  readonly generations: Generations;
  readonly orders: Orders;
  readonly apiKey: string | null;
  readonly seed: number | null;
  readonly interpose: () => Interpose | null;
  /** Set once the simulator is being shut. */
  readonly isClosed: () => boolean;
};

export type Call = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly base: string;
};

/** A question to the model, in one of the protocols: everything that arrives here gets an entry in the log. */
export async function chat(house: House, call: Call, form: Form): Promise<void> {
  const at = Date.now();
  const rawBody = await readText(call.request);
  const sequence = house.log.nextSequence();
  const parsed = requestSchemas[form].safeParse(jsonOf(rawBody));
  const scenario = parsed.success ? chosen(house, call, parsed.data.model) : null;
  const seed = (scenario?.success ? scenario.data.settings.seed : undefined) ?? house.seed;
  const identity = seed === null ? freshIdentity(at) : identityOf(seed, sequence);
  const entry: Entry = {
    sequence,
    at,
    method: call.request.method ?? '',
    path: call.request.url ?? '',
    headers: call.request.headers,
    rawBody,
    body: parsed.data ?? null,
    model: parsed.data?.model ?? '',
    scenario: null,
    ...identity,
    streamed: parsed.data?.stream === true,
    status: 0,
    bytesWritten: 0,
    tokens: 0,
    firstTokenAt: null,
    ending: 'open',
    endedAt: null,
    bill: null,
    usage: null,
    cost: 0,
  };
  house.log.open(entry);
  if (!isAuthorized(house, call.request)) {
    return refuse(house, call, { entry, code: 401, message: 'No auth credentials found' });
  }
  if (!parsed.success || !scenario) {
    return refuse(house, call, { entry, code: 400, message: 'Invalid input: no chat request' });
  }
  if (!scenario.success) {
    const message = scenario.error.issues.map((issue) => issue.message).join(' ');
    return refuse(house, call, { entry, code: 400, message });
  }
  const isAnthropic =
    form === 'messages' || parsed.data.model.toLowerCase().startsWith('anthropic/');
  const fault = isAnthropic ? cacheControlFault(jsonOf(rawBody)) : null;
  if (fault !== null) return refuse(house, call, { entry, code: 400, message: fault });
  const played = house.orders.played(scenario.data, call.base, at);
  entry.scenario = played.text;
  entry.bill = billOf(parsed.data, played.settings);
  await deliver(house, call, {
    entry,
    exchange: exchangeOf({
      protocol: form === 'fim' ? 'chat' : form,
      request: parsed.data,
      scenario: played,
      identity,
    }),
  });
}

const jsonOf = (text: string): unknown => {
  const parsed = parseJson(text);
  return parsed.ok ? parsed.value : null;
};

export const isAuthorized = ({ apiKey }: House, { headers }: IncomingMessage): boolean =>
  apiKey === null ||
  headers.authorization === `Bearer ${apiKey}` ||
  // Anthropic's way.
  headers['x-api-key'] === apiKey;

function chosen({ orders }: House, { request, base }: Call, model: string) {
  const header = request.headers['x-simulator-scenario'];
  if (typeof header === 'string') return Scenario.safeParse(header);
  const standing = orders.standing(base, Date.now());
  return standing ? { success: true as const, data: standing } : scenarioOf(model, base);
}

type Refused = { readonly entry: Entry; readonly code: number; readonly message: string };

function refuse({ log }: House, { response }: Call, { entry, code, message }: Refused): void {
  answerJson(response, code, { error: { message, code } });
  Object.assign(entry, { status: code, ending: 'error', endedAt: Date.now() });
  log.ended(entry);
}

type Delivery = { readonly entry: Entry; readonly exchange: Exchange };

async function deliver(house: House, call: Call, { entry, exchange }: Delivery): Promise<void> {
  const { request, response } = call;
  entry.streamed = isStreamed(exchange);
  const client = watchClient(request, response);
  const stage = { response, entry, gone: client.gone, interpose: house.interpose() };
  const ending = await play(scriptOf(exchange), stage);
  client.unwatch();
  if (ending === 'client-left') response.destroy();
  close(
    house,
    { entry, exchange },
    ending === 'client-left' && house.isClosed() ? 'closed' : ending,
  );
}

function close({ log, generations }: House, { entry, exchange }: Delivery, ending: Ending): void {
  entry.ending = ending;
  entry.endedAt = Date.now();
  if (isCharged(entry, exchange)) {
    const usage = expectedUsage(exchange.request, entry.tokens, exchange.scenario);
    entry.usage = usage;
    entry.cost = costOf(usage);
    generations.add(entry, usage, exchange);
  }
  log.ended(entry);
}

/**
 * Once it has begun to answer, a provider charges the prompt and what it has generated, however the answer ends. Whoever leaves
 * before the headers pays nothing, nor does anybody for an error that came before the first token.
 */
function isCharged(entry: Entry, { scenario: { behaviour } }: Exchange): boolean {
  if (entry.status !== 200) return false;
  switch (behaviour) {
    case 'status':
    case 'context-length':
    case 'content-policy':
      return false;
    case 'error':
      return entry.tokens > 0;
    case 'answer':
    case 'cut':
    case 'stall':
    case 'malformed':
    case 'comments':
    case 'flood':
    case 'never':
      return true;
  }
}
