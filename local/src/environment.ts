import { z } from 'zod';
import { configOf } from './workers.ts';

/** The process's environment: what an operator may set. */
export type Environment = Readonly<Record<string, string | undefined>>;

const Port = z.coerce.number().int().min(0).max(65_535);
const PORT_DEFAULT = 8787;

export const portOf = (environment: Environment): number =>
  Port.parse(environment['PORT'] ?? PORT_DEFAULT);

/** Every provider that the gateway knows, by the prefix of its variables. */
const PROVIDERS = ['OPENROUTER'] as const;
type Provider = (typeof PROVIDERS)[number];

const wantsRealThing = (environment: Environment, provider: Provider): boolean =>
  Boolean(environment[`${provider}_API_KEY`] ?? environment[`${provider}_BASE_URL`]);

/** Whether any provider is left for the simulator to play. */
export const needsSimulator = (environment: Environment): boolean =>
  PROVIDERS.some((provider) => !wantsRealThing(environment, provider));

/** Variables of the workers that differ from what is deployed. A variable of the environment, by its own name, wins. */
export function localVars(
  environment: Environment,
  simulatorUrl: string | null,
): Readonly<Record<string, string>> {
  const simulated = PROVIDERS.filter((provider) => !wantsRealThing(environment, provider));
  const given = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return {
    ENVIRONMENT: 'development',
    CLIENT_ADDRESS: 'local',
    ...Object.fromEntries(
      simulated.map((provider) => [`${provider}_BASE_URL`, simulatorUrl ?? '']),
    ),
    ...Object.fromEntries(given),
  };
}

/** Where each provider's requests go, by the provider's name. What is deployed, where nothing else is said. */
export function upstreamsOf(
  environment: Environment,
  simulatorUrl: string | null,
): Readonly<Record<string, string>> {
  const deployed = configOf('llm-gateway').vars;
  const vars = { ...deployed, ...localVars(environment, simulatorUrl) };
  return Object.fromEntries(
    PROVIDERS.map((provider) => [
      provider.toLowerCase(),
      String(vars[`${provider}_BASE_URL`] ?? ''),
    ]),
  );
}

/** What the simulator takes for a provider's key. Not a secret: it opens nothing. */
export const SIMULATOR_KEY = 'simulator';

export const providerKey = (environment: Environment, secret: string): string | null =>
  PROVIDERS.some((provider) => secret === `${provider}_API_KEY`)
    ? (environment[secret] ?? SIMULATOR_KEY)
    : null;

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]', '::1']);

/** A database elsewhere may be somebody's production: it is changed only when that is said. */
export const mayMigrate = (database: URL, environment: Environment): boolean =>
  LOOPBACK.has(database.hostname) || environment['MIGRATE'] === 'yes';
