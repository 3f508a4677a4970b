import { join } from 'node:path';
import { list, text } from './capnp.ts';
import type { Service } from './workerd-config.ts';

// Small workers that stand where Cloudflare has a service. KV and cron are workerd's own.

const DATE = '2026-11-01';

export const secretNamesOf = (services: readonly Service[]): readonly string[] => [
  ...new Set(
    services.flatMap(({ config }) => config.secrets_store_secrets.map((to) => to.secret_name)),
  ),
];

/** As the Secrets Store: one entrypoint for each secret, with a `get()` that fails where there is none. */
export function secretsWorker(services: readonly Service[]): string {
  const names = secretNamesOf(services);
  const source = [
    "import { WorkerEntrypoint } from 'cloudflare:workers';",
    'const of = (name) => class extends WorkerEntrypoint {',
    '  get() {',
    '    if (this.env[name] === null) throw new Error(`Secret "${name}" not found`);',
    '    return this.env[name];',
    '  }',
    '};',
    ...names.map((name) => `export const ${name} = of(${JSON.stringify(name)});`),
  ].join('\n');
  // From workerd's own environment: the configuration stays free of them.
  const values = names.map((name) => `(name = ${text(name)}, fromEnvironment = ${text(name)})`);
  return `(name = "secrets", worker = (
      compatibilityDate = ${text(DATE)},
      modules = [(name = "index.js", esModule = ${text(source)})],
      bindings = ${list(values)},
    ))`;
}

/** Takes what is written to Analytics Engine, and keeps nothing of it. */
export function sinksWorker(): string {
  const source = 'export default { fetch: () => new Response() };';
  return `(name = "sinks", worker = (
      compatibilityDate = ${text(DATE)},
      modules = [(name = "index.js", esModule = ${text(source)})],
    ))`;
}

export function kvWorkers(services: readonly Service[], folder: string): readonly string[] {
  if (services.every(({ config }) => config.kv_namespaces.length === 0)) return [];
  return [
    `(name = "kv", worker = (
      compatibilityDate = ${text(DATE)},
      modules = [(name = "kv.js", bundled = "/workerd/kv.js")],
      durableObjectNamespaces = [(className = "KVNamespace", uniqueKey = "kv", enableSql = true)],
      durableObjectStorage = (localDisk = "storage"),
      bindings = [(name = "SHARD", durableObjectNamespace = "KVNamespace"), (name = "BLOBS", service = "blobs")],
    ))`,
    `(name = "blobs", disk = (path = ${text(join(folder, 'blobs'))}, writable = true))`,
  ];
}

export function cronWorker(services: readonly Service[]): readonly string[] {
  const scheduled = services.filter(({ config }) => config.triggers.crons.length > 0);
  if (scheduled.length === 0) return [];
  const crons = Object.fromEntries(
    scheduled.map(({ name, config }) => [name, config.triggers.crons]),
  );
  const workers = scheduled.map(({ name }) => `(name = ${text(name)}, service = ${text(name)})`);
  return [
    `(name = "cron", worker = (
      compatibilityDate = ${text(DATE)},
      compatibilityFlags = ["service_binding_extra_handlers"],
      modules = [(name = "cron.js", bundled = "/workerd/cron.js")],
      durableObjectNamespaces = [(className = "Schedule", uniqueKey = "cron", enableSql = true)],
      durableObjectStorage = (localDisk = "storage"),
      bindings = ${list([
        '(name = "SCHEDULE", durableObjectNamespace = "Schedule")',
        `(name = "CRONS", json = ${text(JSON.stringify(crons))})`,
        ...workers,
      ])},
    ))`,
  ];
}
