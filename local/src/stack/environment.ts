import { z } from 'zod';
import { CannotStart } from '../cannot-start.ts';

/** The process's environment: what an operator may set. */
export type Environment = Readonly<Record<string, string | undefined>>;

const Port = z.coerce.number().int().min(0).max(65_535);
const PORT_DEFAULT = 8787;

export function portOf({ PORT }: Environment): number {
  const port = Port.safeParse(PORT || PORT_DEFAULT);
  if (!port.success) throw new CannotStart(`PORT is no port: ${PORT}`);
  return port.data;
}

/**
 * Every provider that the gateway knows. An operator says `<prefix>_BASE_URL` and `<prefix>_API_KEY`; the workers' bindings
 * have the names that the existing Secrets Store has.
 */
const PROVIDERS = [
  { prefix: 'OPENROUTER', base: 'api', url: 'OPENROUTER_BASE_URL', key: 'OPENROUTER_API_KEY' },
  { prefix: 'VERCEL', base: 'vercel', url: 'VERCEL_BASE_URL', key: 'VERCEL_AI_GATEWAY_API_KEY' },
  {
    prefix: 'GIGAPOTATO',
    base: 'gigapotato',
    url: 'GIGAPOTATO_API_URL',
    key: 'GIGAPOTATO_API_KEY',
  },
  { prefix: 'CORETHINK', base: 'corethink', url: 'CORETHINK_BASE_URL', key: 'CORETHINK_API_KEY' },
  { prefix: 'MARTIAN', base: 'martian', url: 'MARTIAN_BASE_URL', key: 'MARTIAN_API_KEY' },
  { prefix: 'MISTRAL', base: 'mistral', url: 'MISTRAL_BASE_URL', key: 'MISTRAL_API_KEY' },
] as const;
type Provider = (typeof PROVIDERS)[number];

/** What the simulator takes for a provider's key. Not a secret: it opens nothing. */
export const SIMULATOR_KEY = 'simulator';

const given = (environment: Environment, ...names: readonly string[]): string | undefined =>
  names.map((name) => environment[name]).find(Boolean);
const urlOf = (environment: Environment, { prefix, url }: Provider): string | undefined =>
  given(environment, `${prefix}_BASE_URL`, url);
const keyOf = (environment: Environment, { prefix, key }: Provider): string | undefined =>
  given(environment, `${prefix}_API_KEY`, key);

const isNamed = (environment: Environment, provider: Provider): boolean =>
  urlOf(environment, provider) !== undefined || keyOf(environment, provider) !== undefined;

/**
 * The providers that the simulator plays: those that nobody named. But none beside the real OpenRouter: whoever has set its
 * key wants real answers, also from a model that is split between gateways.
 */
const simulatedIn = (environment: Environment): readonly Provider[] =>
  isNamed(environment, PROVIDERS[0])
    ? []
    : PROVIDERS.filter((provider) => !isNamed(environment, provider));

export const needsSimulator = (environment: Environment): boolean =>
  simulatedIn(environment).length > 0;

/**
 * What differs from what is deployed, for variables and secrets alike. A name of the environment, as it is, wins.
 * `simulatedAt` tells where the simulator plays a provider: each one has an address of its own, and may fail alone.
 */
export function localValues(
  environment: Environment,
  simulatedAt: ((base: string) => string) | null,
): Readonly<Record<string, string>> {
  const simulated = simulatedIn(environment);
  const providers = PROVIDERS.flatMap(
    (provider): readonly (readonly [string, string | undefined])[] =>
      simulated.includes(provider)
        ? [
            [provider.url, simulatedAt?.(provider.base)],
            [provider.key, SIMULATOR_KEY],
          ]
        : named(environment, provider),
  );
  return known({ ...LOCAL, ...environment, ...Object.fromEntries(providers) });
}

/** What differs from what is deployed where one machine serves others: no provider is simulated. */
export const servedValues = (environment: Environment): Readonly<Record<string, string>> =>
  known({
    ...SERVED,
    ...environment,
    ...Object.fromEntries(PROVIDERS.flatMap((provider) => named(environment, provider))),
  });

const named = (
  environment: Environment,
  provider: Provider,
): readonly (readonly [string, string | undefined])[] => {
  const url = urlOf(environment, provider);
  return [
    [provider.url, url],
    // One that is named by its URL alone may be a program that asks for no key.
    [provider.key, keyOf(environment, provider) ?? (url && SIMULATOR_KEY)],
  ];
};

const known = (values: Environment): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );

/** workerd has one thread for all objects there: what ledgers bring to Postgres had better go together. */
const ON_ONE_MACHINE = { O11Y_METRICS_STORE: 'embedded', CLEARINGS: '1' };
const LOCAL = {
  ENVIRONMENT: 'development',
  CLIENT_ADDRESS: 'local',
  ...ON_ONE_MACHINE,
};
const SERVED = { CLIENT_ADDRESS: 'socket', ...ON_ONE_MACHINE };

/** Where the requests of each provider with a key go, by the provider's name. */
export const upstreamsOf = (
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    PROVIDERS.flatMap(({ prefix, url, key }) => {
      const target = values[url];
      return typeof target === 'string' && values[key] !== undefined
        ? [[prefix.toLowerCase(), target] as const]
        : [];
    }),
  );

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);
export const isLoopback = ({ hostname }: URL): boolean => LOOPBACK.has(hostname);

/** A database elsewhere may be somebody's production: it is changed only when that is said. */
export const mayMigrate = (database: URL, environment: Environment): boolean =>
  isLoopback(database) || environment['MIGRATE'] === 'yes';
