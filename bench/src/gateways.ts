import { randomBytes, randomUUID } from 'node:crypto';
import { startStack } from '@gateway/local/stack';
import { type Payers, plantPayers } from './payers.ts';
import type { CleanUp, Server } from './servers.ts';

export type Gateway = Server & { readonly payers: Payers; readonly databaseUrl: string };

export type GatewayPlace = {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly cleanUp: CleanUp;
};
type Variant = {
  readonly upstream: Server;
  /** A module in the gateway's place. */
  readonly standIn: string | undefined;
  /** How many may be asked for. */
  readonly paying: number;
};

/** The whole of it, as it is deployed, on a database of its own. */
export async function startGateway(
  { folder, databaseUrl, cleanUp }: GatewayPlace,
  { upstream, standIn, paying }: Variant,
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
  const payers = await plantPayers({ databaseUrl, secrets, paying });
  return {
    url: `${stack.url}/api/openrouter/chat/completions`,
    pid: stack.pids().workerd,
    payers,
    databaseUrl,
  };
}
