import { randomBytes, randomUUID } from 'node:crypto';
import { type StackOptions, startStack } from '@gateway/local/stack/stack';
import { type Payers, plantPayers } from './payers.ts';
import { type CleanUp, endLater } from './in-folder.ts';
import type { Server } from './servers.ts';

export type Gateway = Server & { readonly payers: Payers; readonly databaseUrl: string };

export type GatewayPlace = {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly cleanUp: CleanUp;
};
export type Instead = Pick<StackOptions, 'standIns' | 'configs'>;
type Variant = {
  readonly upstream: Server;
  /** What runs in this tree's place. */
  readonly instead: Instead;
  /** How many may be asked for. */
  readonly paying: number;
};

/** The whole of it, as it is deployed, on a database of its own. */
export async function startGateway(
  { folder, databaseUrl, cleanUp }: GatewayPlace,
  { upstream, instead, paying }: Variant,
): Promise<Gateway> {
  const secrets = { tokens: randomUUID(), ownKeys: randomBytes(32).toString('base64') };
  const starting = startStack({
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
    ...instead,
    say: () => undefined,
  });
  endLater(cleanUp, () => starting);
  const stack = await starting;
  const payers = await plantPayers({ databaseUrl, secrets, paying });
  return {
    url: `${stack.url}/api/openrouter/chat/completions`,
    pid: stack.pids().workerd,
    payers,
    databaseUrl,
  };
}
