import { randomUUID } from 'node:crypto';
import type { Delivered } from '@gateway/local/simulator';
import type { Person } from './newcomer.ts';
import type { World } from './world.ts';

/** A request that names a key, as often as it is sent. */
export type Keyed = {
  readonly person: Person;
  readonly key: string;
  /** As it is, unless something is changed. */
  readonly body: object;
  readonly ask: (changed?: Changed) => Promise<Response>;
  /** The calls to the provider that were made for this person. */
  readonly calls: () => readonly Delivered[];
};
type Changed = {
  readonly body?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly signal?: AbortSignal;
};

/** @param body what differs from a short answer that is streamed. */
export async function keyed(
  world: World,
  body: Readonly<Record<string, unknown>> = {},
  usd = 10,
): Promise<Keyed> {
  const person = await world.newcomer(usd);
  const key = randomUUID();
  const messages = [{ role: 'user', content: `Hello, says ${person.id}` }];
  const usual = { model: 'sim/answer', messages, stream: true, ...body };
  return {
    person,
    key,
    body: usual,
    ask: ({ body: changed, headers, ...rest } = {}) =>
      world.ask({
        token: person.token,
        body: { ...usual, ...changed },
        headers: { 'idempotency-key': key, ...headers },
        ...rest,
      }),
    calls: () => world.simulator.log().filter(({ rawBody }) => rawBody?.includes(person.id)),
  };
}

/** What a client sees of an answer. The id of the request is its own each time. */
export async function seen(response: Response) {
  const { 'x-request-id': _, ...headers } = Object.fromEntries(response.headers);
  return { status: response.status, headers, text: await response.text() };
}
