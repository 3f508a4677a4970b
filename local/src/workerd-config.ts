import type { WorkerConfig } from './workers.ts';

// Writes workerd's own configuration, from what wrangler deploys. No simulator stands between a client and a worker: the
// socket is workerd's, so that a worker sees the real peer, and no header that a client could forge in its place.

export type Service = {
  readonly name: string;
  /** The module's path, relative to the configuration. */
  readonly module: string;
  readonly config: WorkerConfig;
};

export type Surroundings = {
  readonly services: readonly Service[];
  readonly vars: Readonly<Record<string, string>>;
  readonly database: URL;
  /** Absolute: workerd looks for it from where it was started. */
  readonly storageFolder: string;
};

const text = (value: string): string => JSON.stringify(value);
const list = (items: readonly string[]): string =>
  `[\n${items.map((item) => `    ${item},\n`).join('')}  ]`;

export function workerdConfig(surroundings: Surroundings): string {
  const { services, database } = surroundings;
  const [entry] = services;
  const secrets = [
    ...new Set(
      services.flatMap(({ config }) => config.secrets_store_secrets.map((s) => s.secret_name)),
    ),
  ];
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  sockets = [(name = "http", http = (), service = ${text(entry?.name ?? '')})],
  services = ${list([
    ...services.map((service) => worker(service, surroundings)),
    secretsWorker(secrets),
    '(name = "analytics", worker = (compatibilityDate = "2026-11-01", modules = [(name = "index.js", esModule = "export default { fetch: () => new Response() };")]))',
    `(name = "postgres", external = (address = ${text(`${database.hostname}:${database.port || '5432'}`)}, tcp = ()))`,
    `(name = "storage", disk = (path = ${text(surroundings.storageFolder)}, writable = true))`,
    '(name = "internet", network = (allow = ["public", "private", "local"], tlsOptions = (trustBrowserCas = true)))',
  ])},
);
`;
}

function worker({ name, module, config }: Service, surroundings: Surroundings): string {
  const classes = config.migrations.flatMap((migration) => migration.new_sqlite_classes);
  const namespaces = classes.map(
    (className) =>
      `(className = ${text(className)}, uniqueKey = ${text(`${name}-${className}`)}, enableSql = true)`,
  );
  return `(name = ${text(name)}, worker = (
      compatibilityDate = ${text(config.compatibility_date)},
      compatibilityFlags = [${config.compatibility_flags.map(text).join(', ')}],
      modules = [(name = "index.js", esModule = embed ${text(module)})],
      durableObjectNamespaces = [${namespaces.join(', ')}],
      durableObjectStorage = (localDisk = "storage"),
      bindings = ${list(bindings(config, surroundings))},
    ))`;
}

const binding = (name: string, value: string): string => `(name = ${text(name)}, ${value})`;

function bindings(config: WorkerConfig, { vars, database }: Surroundings): readonly string[] {
  return [
    ...Object.entries(config.vars).map(([name, value]) =>
      binding(name, `text = ${text(vars[name] ?? String(value))}`),
    ),
    ...config.hyperdrive.map((hyperdrive) =>
      binding(hyperdrive.binding, `hyperdrive = ${hyperdriveTo(database)}`),
    ),
    ...config.secrets_store_secrets.map((secret) =>
      binding(
        secret.binding,
        `service = (name = "secrets", entrypoint = ${text(secret.secret_name)})`,
      ),
    ),
    ...config.services.map(({ binding: name, service }) =>
      binding(name, `service = ${text(service)}`),
    ),
    ...config.durable_objects.bindings.map((object) =>
      binding(object.name, `durableObjectNamespace = ${text(object.class_name)}`),
    ),
    ...config.analytics_engine_datasets.map((dataset) =>
      binding(dataset.binding, 'analyticsEngine = "analytics"'),
    ),
  ];
}

/** workerd puts these into a connection string as they are: there, `/` or `@` in a password would end it. */
const hyperdriveTo = (database: URL): string => {
  const [user, password] = [database.username, database.password].map((part) =>
    encodeURIComponent(decodeURIComponent(part)),
  );
  return `(designator = "postgres", scheme = "postgres", database = ${text(database.pathname.slice(1))}, user = ${text(user ?? '')}, password = ${text(password ?? '')})`;
};

/** Answers as the Secrets Store does: one entrypoint for each secret, with a `get()`. Values come from workerd's own environment. */
function secretsWorker(names: readonly string[]): string {
  const classes = names.map(
    (name) =>
      `export class ${name} extends WorkerEntrypoint { get() { return this.env.${name}; } }`,
  );
  const source = ["import { WorkerEntrypoint } from 'cloudflare:workers';", ...classes].join('\n');
  const values = names.map((name) => `(name = ${text(name)}, fromEnvironment = ${text(name)})`);
  return `(name = "secrets", worker = (
      compatibilityDate = "2026-11-01",
      modules = [(name = "index.js", esModule = ${text(source)})],
      bindings = ${list(values)},
    ))`;
}
