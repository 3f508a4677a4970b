import { SIMULATOR_KEY } from '@gateway/local/stack/environment';
import type { Simulator } from '@gateway/local/simulator';
import { startStack } from '@gateway/local/stack/stack';
import { newcomer, TOKEN_SECRET } from '../../test/support/newcomer.ts';
import { ask } from './ask.ts';
import { booksOf } from './books.ts';
import type { Subject } from './fault-matrix.ts';

/** The stack, before the simulator that plays both gateways, and what an answer is where nothing is wrong. */
export type FaultWorld = {
  readonly simulator: Simulator;
  readonly whole: string;
  readonly gateway: Subject;
  readonly stop: () => Promise<void>;
};

const USD = 10;

export async function startFaultWorld(folder: string): Promise<FaultWorld> {
  const stack = await startStack({
    folder,
    port: 0,
    environment: { NEXTAUTH_SECRET_PROD: TOKEN_SECRET },
    isDurable: false,
    say: (line) => process.stderr.write(`${line}\n`),
  });
  const { simulator, url, databaseUrl, stop } = stack;
  if (!simulator) throw new Error('The faults need the simulator.');
  const gateway: Subject = {
    name: 'this gateway',
    async newcomer() {
      const { id, token } = await newcomer(databaseUrl, USD);
      const door = {
        baseUrl: `${url}/api/openrouter`,
        token,
        headers: {},
        namedIn: (headers: Headers) => headers.get('x-gateway-provider'),
      };
      return { door, books: () => booksOf(databaseUrl, id) };
    },
  };
  return { simulator, whole: await wholeAnswer(simulator), gateway, stop };
}

async function wholeAnswer(simulator: Simulator): Promise<string> {
  const door = {
    baseUrl: simulator.urlOf('vercel'),
    token: SIMULATOR_KEY,
    headers: {},
    namedIn: () => null,
  };
  return (await ask(door, 'sim/answer~of=60')).text;
}
