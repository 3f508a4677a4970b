import { type ClientRequest, type IncomingMessage, request as requestTo } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Controller } from './controller.ts';

/** What a client asks, and when it leaves. */
export type Asking = {
  readonly model: string;
  readonly isStreamed: boolean;
  readonly leaves: Leaving;
  /** Whether it names an Idempotency-Key. */
  readonly isKeyed?: boolean;
};
type Leaving =
  | { readonly kind: 'never' }
  /** When it has had so many events, and the provider says nothing more. */
  | { readonly kind: 'in-silence'; readonly events: number }
  | { readonly kind: 'after'; readonly ms: number };

export type Sent = Asking & {
  readonly url: string;
  readonly controller: Controller;
  readonly payer: string;
  readonly exchange: string;
  readonly token: string;
};

type Progress = { readonly events: number; readonly isOver: boolean };

/** A client that asks once, and tells of all that it sees. Resolves when it is over, however it ended. */
export async function runClient(sent: Sent): Promise<void> {
  const { controller, payer, exchange } = sent;
  const cross = (port: string, phase: 'before' | 'after') =>
    controller.cross({ payer, exchange, place: 'client', port, phase });
  const progress = { events: 0, isOver: false };
  await cross('request', 'before');
  const { request, response } = post(sent);
  const left = leaveInTime(sent, progress, async () => {
    await cross('leave', 'before');
    // A connection that is only closed may be one that will say no more, and still listens: workerd learns the difference
    // with the next byte that it sends. One that is reset is known to be gone.
    request.socket?.resetAndDestroy();
    await cross('leave', 'after');
  });
  try {
    const answer = await response;
    await cross('head', 'after');
    for await (const _ of eventsOf(answer)) {
      progress.events += 1;
      await cross('event', 'after');
    }
    await cross('end', 'after');
  } catch {
    // It has left, or the gateway has crashed. What it was told until then is in the trace.
  } finally {
    progress.isOver = true;
  }
  await left;
}

function post(sent: Sent) {
  const { url, payer, exchange } = sent;
  const { promise: response, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request: ClientRequest = requestTo(`${url}/api/openrouter/chat/completions`, {
    method: 'POST',
    agent: false,
    headers: { ...headersOf(sent), 'x-proof': `${payer} ${exchange}` },
  });
  request.on('response', resolve);
  request.on('error', reject);
  request.end(bodyOf(sent));
  return { request, response };
}

type Said = Pick<Sent, 'payer' | 'exchange'>;

export const headersOf = ({
  token,
  payer,
  exchange,
  isKeyed,
}: Said & Pick<Sent, 'token' | 'isKeyed'>) => ({
  authorization: `Bearer ${token}`,
  ...(isKeyed && { 'idempotency-key': `${payer}/${exchange}` }),
});

export const bodyOf = ({ model, isStreamed, payer, exchange }: Said & Asking): string =>
  JSON.stringify({
    model,
    stream: isStreamed,
    messages: [{ role: 'user', content: `${payer} ${exchange}` }],
  });

async function leaveInTime(
  { controller, payer, leaves }: Sent,
  progress: Progress,
  leave: () => Promise<void>,
): Promise<void> {
  switch (leaves.kind) {
    case 'never':
      return;
    case 'after':
      await sleep(leaves.ms);
      return progress.isOver ? undefined : leave();
    case 'in-silence': {
      const isSilent = () =>
        controller.told(payer).some(({ point }) => point === 'provider end before 1');
      while (!progress.isOver) {
        if (progress.events >= leaves.events && isSilent()) return leave();
        await sleep(5);
      }
    }
  }
}

/** However they were cut on their way: an event is what ends with a blank line, or the rest. */
async function* eventsOf(answer: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  answer.setEncoding('utf8');
  for await (const part of answer) {
    const events = (rest + String(part)).split('\n\n');
    rest = events.pop() ?? '';
    yield* events;
  }
  if (rest !== '') yield rest;
}
