import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { endProcess } from '@gateway/local/end-process';
import { tieToUs } from '@gateway/local/lifeline';
import { startPortkey } from '@gateway/local/portkey';
import { startPostgres } from '@gateway/local/postgres';
import { startStack } from '@gateway/local/stack';
import { bundle } from '@gateway/local/workers';
import { z } from 'zod';
import { type Payers, plantPayers } from './payers.ts';
import { type ProxyName, proxyNames, startProxy } from './proxies.ts';

/** Everything that a run measures, on ports that the system gave. */
export type Servers = {
  readonly simulator: Server;
  readonly proxies: Readonly<Record<ProxyName, Server>>;
  readonly portkey: Server;
  readonly gateway: Gateway;
  /** The same gateway, where nothing is held and nothing is settled. */
  readonly withoutLedger: Gateway;
  readonly postgresPid: number;
  readonly stop: () => Promise<void>;
};
type Server = { readonly url: string; readonly pid: number };
type Gateway = Server & { readonly payers: Payers };

type Place = {
  readonly folder: string;
  readonly say: (line: string) => void;
};

const WITHOUT_LEDGER = 'workers/llm-gateway/src/testing/without-ledger.ts';
const STOP_MS_MAX = 5_000;

export async function startServers({ folder, say }: Place): Promise<Servers> {
  const cleanUp: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of cleanUp.splice(0).toReversed()) await step().catch(console.error);
  };
  try {
    say('Starting Postgres, the simulated provider and the pass-throughs …');
    const simulator = await startSimulator(cleanUp);
    const server = await startPostgres({
      folder: join(folder, 'postgres'),
      password: randomUUID(),
      isDurable: true,
    });
    cleanUp.push(server.stop);

    const started = proxyNames.map(async (name) => {
      const workerd = await startProxy(name, { folder, upstream: simulator.url });
      cleanUp.push(workerd.stop);
      return [name, { url: workerd.urlOf('proxy'), pid: workerd.pid }] as const;
    });
    const proxies = Proxies.parse(Object.fromEntries(await Promise.all(started)));

    say('Starting Portkey (the first time, it is installed) …');
    const portkey = await startPortkey();
    cleanUp.push(portkey.stop);

    const gatewayOf = async (name: string, standIn?: string): Promise<Gateway> => {
      say(`Starting the gateway (${name}) …`);
      await server.createDatabase(name);
      const place = { folder: join(folder, name), databaseUrl: server.urlOf(name), cleanUp };
      return startGateway(place, { upstream: simulator, standIn });
    };
    const gateway = await gatewayOf('whole');
    const module = await bundle('llm-gateway', join(folder, 'stand-in'), WITHOUT_LEDGER);
    const withoutLedger = await gatewayOf('without', module);
    return {
      simulator,
      proxies,
      portkey,
      gateway,
      withoutLedger,
      postgresPid: server.pid,
      stop,
    };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

const Server = z.object({ url: z.string(), pid: z.int() });
const Proxies = z.record(z.enum(proxyNames), Server);

/** In a process of its own, so that its CPU time is not the clients'. */
async function startSimulator(cleanUp: (() => Promise<unknown>)[]): Promise<Server> {
  const main = fileURLToPath(import.meta.resolve('@gateway/local/simulator/main'));
  const child: ChildProcess = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  tieToUs(child, 'TERM');
  cleanUp.push(() => endProcess(child, ['SIGTERM', 'SIGKILL'], STOP_MS_MAX));
  if (!child.stdout) throw new Error('The simulator has no output.');
  for await (const line of createInterface({ input: child.stdout })) {
    return Server.parse(JSON.parse(line));
  }
  throw new Error('The simulator did not start.');
}

type GatewayPlace = {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly cleanUp: (() => Promise<unknown>)[];
};
type Variant = { readonly upstream: Server; readonly standIn: string | undefined };

async function startGateway(
  { folder, databaseUrl, cleanUp }: GatewayPlace,
  { upstream, standIn }: Variant,
): Promise<Gateway> {
  const secrets = { tokens: randomUUID(), ownKeys: randomBytes(32).toString('base64') };
  const stack = await startStack({
    folder,
    port: 0,
    environment: {
      NEXTAUTH_SECRET_PROD: secrets.tokens,
      BYOK_ENCRYPTION_KEY: secrets.ownKeys,
      OPENROUTER_BASE_URL: upstream.url,
      OPENROUTER_API_KEY: 'bench',
      VERCEL_BASE_URL: upstream.url,
      VERCEL_API_KEY: 'bench',
    },
    databaseUrl,
    isDurable: true,
    ...(standIn !== undefined && { standIns: { 'llm-gateway': standIn } }),
    say: () => undefined,
  });
  cleanUp.push(stack.stop);
  const payers = await plantPayers(databaseUrl, secrets);
  return {
    url: `${stack.url}/api/openrouter/chat/completions`,
    pid: stack.pids().workerd,
    payers,
  };
}
