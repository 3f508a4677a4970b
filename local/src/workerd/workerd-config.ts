import { list, text } from './capnp.ts';
import { DRAIN_ENTRYPOINT, DRAIN_SOCKET, drainModule } from '../stack/drain.ts';
import { cronWorker, kvWorkers, secretsWorker, sinksWorker } from './stub-workers.ts';
import { outbound } from '../stack/outbound.ts';
import type { WorkerConfig } from './worker-config.ts';

// Writes workerd's own configuration, from what wrangler deploys. No simulator stands between a client and a worker: the
// socket is workerd's, so that a worker sees the real peer, and no header that a client could forge in its place.

export type Service = {
  readonly name: string;
  /** The module's path, relative to the configuration. */
  readonly module: string;
  readonly config: WorkerConfig;
  /** Whether workerd waits, when it is told to end, for what goes on behind the answers. */
  readonly isDrained?: boolean;
};

export type Surroundings = {
  /** Each answers on a socket of its own name. */
  readonly services: readonly Service[];
  /** The value of every variable: what is deployed, but for what differs here. */
  readonly vars: WorkerConfig['vars'];
  readonly database: URL;
  /** Holds the workers' objects. Absolute: workerd looks for it from where it was started. */
  readonly storageFolder: string;
  /** What the workers may reach by `fetch`, as workerd's `network` takes it. */
  readonly network: readonly string[];
  /** The only origins by which private addresses of it are reached. Null: any origin. */
  readonly configuredOrigins?: readonly string[] | null;
};

export function workerdConfig(surroundings: Surroundings): string {
  const { services, database, storageFolder, network, configuredOrigins = null } = surroundings;
  const address = `${database.hostname}:${database.port || '5432'}`;
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  sockets = ${list(services.flatMap(sockets))},
  services = ${list([
    ...services.map((service) => worker(service, surroundings)),
    secretsWorker(services),
    sinksWorker(),
    ...kvWorkers(services, storageFolder),
    ...cronWorker(services),
    `(name = "postgres", external = (address = ${text(address)}, tcp = ()))`,
    `(name = "storage", disk = (path = ${text(storageFolder)}, writable = true))`,
    ...outbound({ network, configured: configuredOrigins }),
  ])},
);
`;
}

const sockets = ({ name, isDrained }: Service): readonly string[] => [
  `(name = ${text(name)}, http = (), service = ${text(name)})`,
  ...(isDrained
    ? [`(name = ${text(DRAIN_SOCKET)}, http = (), ${service(name, DRAIN_ENTRYPOINT)})`]
    : []),
];

function worker({ name, module, config, isDrained }: Service, surroundings: Surroundings): string {
  const classes = config.migrations.flatMap((migration) => migration.new_sqlite_classes);
  const namespaces = classes.map(
    (className) =>
      `(className = ${text(className)}, uniqueKey = ${text(`${name}-${className}`)}, enableSql = true)`,
  );
  const modules = [
    ...(isDrained ? [`(name = "drain.js", esModule = ${text(drainModule)})`] : []),
    `(name = "index.js", esModule = embed ${text(module)})`,
  ];
  return `(name = ${text(name)}, worker = (
      compatibilityDate = ${text(config.compatibility_date)},
      compatibilityFlags = [${config.compatibility_flags.map(text).join(', ')}],
      modules = [${modules.join(', ')}],
      durableObjectNamespaces = [${namespaces.join(', ')}],
      durableObjectStorage = (localDisk = "storage"),
      bindings = ${list(bindings(config, surroundings))},
    ))`;
}

const binding = (name: string, value: string): string => `(name = ${text(name)}, ${value})`;
const service = (name: string, entrypoint?: string): string =>
  entrypoint === undefined
    ? `service = ${text(name)}`
    : `service = (name = ${text(name)}, entrypoint = ${text(entrypoint)})`;

function bindings(config: WorkerConfig, { vars, database }: Surroundings): readonly string[] {
  return [
    ...Object.entries(config.vars).map(([name, value]) =>
      binding(name, variable(vars[name] ?? value)),
    ),
    ...config.hyperdrive.map((to) => binding(to.binding, `hyperdrive = ${hyperdriveTo(database)}`)),
    ...config.secrets_store_secrets.map((secret) =>
      binding(secret.binding, service('secrets', secret.secret_name)),
    ),
    ...config.services.map((to) => binding(to.binding, service(to.service, to.entrypoint))),
    ...config.durable_objects.bindings.map((object) =>
      binding(object.name, `durableObjectNamespace = ${text(object.class_name)}`),
    ),
    ...config.kv_namespaces.map((namespace) => {
      const props = text(JSON.stringify({ namespace: namespace.binding }));
      return binding(namespace.binding, `kvNamespace = (name = "kv", props = (json = ${props}))`);
    }),
    ...config.analytics_engine_datasets.map((dataset) =>
      binding(dataset.binding, 'analyticsEngine = "sinks"'),
    ),
  ];
}

/** A variable that is no text in wrangler's file is none in the worker either. */
const variable = (value: string | number | boolean): string =>
  typeof value === 'string' ? `text = ${text(value)}` : `json = ${text(JSON.stringify(value))}`;

/** workerd puts these into a connection string as they are: there, `/` or `@` in a password would end it. */
function hyperdriveTo(database: URL): string {
  const [user, password] = [database.username, database.password].map((part) =>
    text(encodeURIComponent(decodeURIComponent(part))),
  );
  const name = text(database.pathname.slice(1));
  return `(designator = "postgres", scheme = "postgres", database = ${name}, user = ${user}, password = ${password})`;
}
