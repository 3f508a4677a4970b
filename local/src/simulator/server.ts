import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { parseJson } from '@gateway/worker-utils/json';
import { z } from 'zod';
import { type Call, chat, type House, isAuthorized } from './chat.ts';
import { Generations } from './generations.ts';
import { answerError, answerJson, readText } from './http.ts';
import { type Delivered, DeliveryLog, type Look } from './log.ts';
import { modelList, providerList } from './models.ts';
import type { Interpose } from './play.ts';
import { Orders, Standing } from './standing.ts';

export type SimulatorOptions = {
  /** 0, or none: the system picks one. */
  readonly port?: number;
  readonly host?: string;
  /** Without it, anybody may ask. */
  readonly apiKey?: string;
  /** Makes ids and creation times reproducible, as a `seed` in a scenario does for one answer. */
  readonly seed?: number;
};

export type Simulator = {
  /** Of the API, with its prefix: `…/api/v1`. */
  readonly url: string;
  /** Of the server: `/log`, `/log/reset` and `/scenario` are below it. */
  readonly origin: string;
  /** The same API under another name, so that one simulator can play several providers: `…/<name>/v1`. */
  readonly urlOf: (base: string) => string;
  readonly log: () => readonly Delivered[];
  /** Calls of the generation endpoint. */
  readonly looks: () => readonly Look[];
  readonly ended: (sequence: number) => Promise<Delivered>;
  /** Whether the catalogue of models is told, or answered with 503. From now on. */
  readonly tellCatalogue: (isTold: boolean) => void;
  /** From now on. */
  readonly interpose: (interpose: Interpose) => void;
  readonly stand: (standing: z.input<typeof Standing>) => void;
  /** Forgets log, standing scenarios and what was played how often. Generations stay: somebody may still ask for them. */
  readonly reset: () => void;
  readonly close: () => Promise<void>;
};

/** A pooled connection that this side closes would look like a provider's fault. */
const KEEP_ALIVE_MS = 10 * 60 * 1000;
const BACKLOG = 4096;

/** Plays a provider that speaks OpenRouter's protocol, at known prices, with every fault that a gateway must survive. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, host = '127.0.0.1', apiKey = null, seed = null } = options;
  const [log, generations, orders] = [new DeliveryLog(), new Generations(), new Orders()];
  let isClosed = false;
  let interpose: Interpose | null = null;
  let isCatalogueTold = true;
  const house: House = {
    log,
    generations,
    orders,
    apiKey,
    seed,
    interpose: () => interpose,
    isClosed: () => isClosed,
  };
  const reset = (): void => {
    log.reset();
    orders.reset();
  };
  const server = createServer((request, response) => {
    route({ house, reset, isCatalogueTold: () => isCatalogueTold }, request, response).catch(() =>
      response.destroy(),
    );
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.requestTimeout = 0;
  const origin = `http://${host}:${await listen(server, { port, host })}`;
  const urlOf = (base: string): string => `${origin}/${base}/v1`;
  return {
    url: urlOf('api'),
    origin,
    urlOf,
    log: () => log.entries,
    looks: () => log.looks,
    ended: (sequence) => log.whenEnded(sequence),
    tellCatalogue: (isTold) => {
      isCatalogueTold = isTold;
    },
    interpose: (next) => {
      interpose = next;
    },
    stand: (standing) => orders.stand(Standing.parse(standing), Date.now()),
    reset,
    async close() {
      isClosed = true;
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, { port, host }: { port: number; host: string }) {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: BACKLOG }, resolve);
  });
  return z.object({ port: z.number() }).parse(server.address()).port;
}

type Desk = {
  readonly house: House;
  readonly reset: () => void;
  readonly isCatalogueTold: () => boolean;
};

const API =
  /^(?:\/(?<base>[a-z0-9-]+))?\/v1\/(?<route>chat\/completions|fim\/completions|messages|responses|generation|models|providers)$/;

async function route(
  { house, reset, isCatalogueTold }: Desk,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://simulator');
  const groups = API.exec(pathname)?.groups;
  const call = { request, response, base: groups?.['base'] ?? '' };
  switch (`${request.method} ${groups?.['route'] ?? pathname}`) {
    case 'POST chat/completions':
      return chat(house, call, 'chat');
    case 'POST fim/completions':
      return chat(house, call, 'fim');
    case 'POST messages':
      return chat(house, call, 'messages');
    case 'POST responses':
      return chat(house, call, 'responses');
    case 'GET generation':
      return generation(house, call, searchParams.get('id') ?? '');
    case 'GET models':
      return isCatalogueTold()
        ? answerJson(response, 200, modelList)
        : answerError(response, 503, 'The catalogue is away');
    case 'GET providers':
      return answerJson(response, 200, providerList);
    case 'GET /log':
      return answerJson(response, 200, { delivered: house.log.entries, looks: house.log.looks });
    case 'POST /log/reset':
      reset();
      return answerJson(response, 200, {});
    case 'POST /scenario':
      return stand(house, call);
    default:
      return answerError(response, 404, 'Not found');
  }
}

function generation(house: House, { request, response }: Call, generationId: string): void {
  const found = house.generations.look(generationId);
  const missed = found.kind === 'missed' ? found.code : 200;
  const status = isAuthorized(house, request) ? missed : 401;
  house.log.looked({ at: Date.now(), path: request.url ?? '', generationId, status });
  if (status === 401) return answerError(response, status, 'No auth credentials found');
  if (found.kind === 'found') return answerJson(response, status, { data: found.data });
  return answerError(response, status, `Generation ${generationId} not found`);
}

async function stand({ orders }: House, { request, response }: Call): Promise<void> {
  const body = parseJson(await readText(request));
  const parsed = Standing.safeParse(body.ok ? body.value : null);
  if (!parsed.success) return answerError(response, 400, z.prettifyError(parsed.error));
  orders.stand(parsed.data, Date.now());
  return answerJson(response, 200, {});
}
