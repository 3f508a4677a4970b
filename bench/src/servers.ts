import { chmodSync, mkdirSync } from 'node:fs';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { endProcess } from '@gateway/local/stack/end-process';
import { tieToUs } from '@gateway/local/stack/lifeline';
import { startPortkey } from '@gateway/local/stack/portkey';
import { startPostgres } from '@gateway/local/postgres/postgres';
import { type ProxyName, proxyNames, startProxy } from '@gateway/local/stack/proxies';
import { bundle } from '@gateway/local/workerd/workers';
import { z } from 'zod';
import { type Gateway, type Instead, startGateway } from './gateways.ts';
import { type CleanUp, endLater } from './in-folder.ts';

/** What a run measures, on ports that the system gave. */
export type Servers = {
  readonly simulator: Server;
  readonly proxies: Readonly<Record<ProxyName, Server>>;
  readonly gateway: Gateway;
  /** Null: nobody asked for it. */
  readonly portkey: Server | null;
  /** The same gateway, where nothing is held and nothing is settled. */
  readonly withoutLedger: Gateway | null;
  readonly postgres: Database;
};
export type Server = { readonly url: string; readonly pid: number };
type Database = {
  readonly pid: () => number;
  readonly goAway: () => Promise<void>;
  readonly comeBack: () => Promise<void>;
};

export type Wanted = {
  /** Beside the gateway and the pass-throughs. */
  readonly beside: readonly ('portkey' | 'withoutLedger')[];
  /** How many payers may be asked for. */
  readonly paying: number;
};
type Place = Wanted & {
  readonly folder: string;
  readonly cleanUp: CleanUp;
  readonly say: (line: string) => void;
};

const WITHOUT_LEDGER = 'workers/llm-gateway/src/testing/without-ledger.ts';
const STOP_MS_MAX = 5_000;

export async function startServers(place: Place): Promise<Servers> {
  const { folder, cleanUp, say, paying } = place;
  say('Starting Postgres, the simulated provider and the pass-throughs …');
  const simulator = await startSimulator(cleanUp);
  const { postgres, databaseOf } = await startDatabase(folder, cleanUp);
  const proxies = await startProxies({ folder, upstream: simulator.url }, cleanUp);
  let portkey: Server | null = null;
  if (place.beside.includes('portkey')) {
    say('Starting Portkey (the first time, it is installed) …');
    const started = await startPortkey();
    cleanUp.push(started.stop);
    portkey = started;
  }
  const gatewayOf = async (name: string, instead: Instead = {}): Promise<Gateway> => {
    say(`Starting the gateway (${name}) …`);
    const own = { folder: join(folder, name), databaseUrl: await databaseOf(name), cleanUp };
    return startGateway(own, { upstream: simulator, instead, paying });
  };
  const gateway = await gatewayOf('whole');
  let withoutLedger: Gateway | null = null;
  if (place.beside.includes('withoutLedger')) {
    const module = await bundle('llm-gateway', join(folder, 'stand-in'), WITHOUT_LEDGER);
    withoutLedger = await gatewayOf('without', { standIns: { 'llm-gateway': module } });
  }
  return { simulator, proxies, portkey, gateway, withoutLedger, postgres };
}

export async function startDatabase(folder: string, cleanUp: CleanUp) {
  mkdirSync(folder, { recursive: true });
  // A stack that started before has closed what this process creates; the unprivileged Postgres must pass through.
  chmodSync(folder, 0o711);
  const options = { folder: join(folder, 'postgres'), password: randomUUID(), isDurable: true };
  let starting = startPostgres(options);
  endLater(cleanUp, () => starting);
  let server = await starting;
  const { port } = server;
  const postgres: Database = {
    pid: () => server.pid,
    goAway: () => server.stop(),
    comeBack: async () => {
      starting = startPostgres({ ...options, port });
      server = await starting;
    },
  };
  const databaseOf = async (name: string): Promise<string> => {
    await server.createDatabase(name);
    return server.urlOf(name);
  };
  return { postgres, databaseOf };
}

async function startProxies(
  place: { readonly folder: string; readonly upstream: string },
  cleanUp: CleanUp,
): Promise<Servers['proxies']> {
  const started = proxyNames.map(async (name) => {
    const workerd = await startProxy(name, place);
    cleanUp.push(workerd.stop);
    return [name, { url: workerd.urlOf('proxy'), pid: workerd.pid }] as const;
  });
  return Proxies.parse(Object.fromEntries(await Promise.all(started)));
}

const Server = z.object({ url: z.string(), pid: z.int() });
const Proxies = z.record(z.enum(proxyNames), Server);

/** In a process of its own, so that its CPU time is not the clients'. */
export async function startSimulator(cleanUp: CleanUp): Promise<Server> {
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
