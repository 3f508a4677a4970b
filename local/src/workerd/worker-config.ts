import { unstable_readConfig as readConfig } from 'wrangler';
import { z } from 'zod';

// A worker's configuration, as it is deployed. What the local stack can't play is an error, not a surprise.

const Identifier = z.string().regex(/^[A-Za-z_]\w*$/, 'must be a name that JavaScript takes');

/** What the local stack plays. */
const Played = z.object({
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()),
  vars: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  hyperdrive: z.array(z.object({ binding: z.string() })),
  secrets_store_secrets: z.array(z.object({ binding: z.string(), secret_name: Identifier })),
  services: z
    .array(
      z.object({
        binding: z.string(),
        service: z.string(),
        entrypoint: z.string().optional(),
        environment: z.undefined('an environment of a service is not played').optional(),
      }),
    )
    .default([]),
  durable_objects: z.object({
    bindings: z.array(
      z.object({
        name: z.string(),
        class_name: z.string(),
        script_name: z
          .undefined('objects of another worker are reached through its service')
          .optional(),
      }),
    ),
  }),
  migrations: z.array(
    z.strictObject({
      tag: z.string(),
      new_sqlite_classes: z.array(z.string()).default([]),
    }),
  ),
  kv_namespaces: z.array(z.object({ binding: z.string() })),
  analytics_engine_datasets: z.array(z.object({ binding: z.string() })),
  /** There is no warehouse on one machine: the binding is not there, and a worker must do without. */
  pipelines: z.array(z.object({ binding: z.string() })),
  triggers: z.object({ crons: z.array(z.string()).default([]) }),
});
export type WorkerConfig = z.infer<typeof Played>;

/** Says how a worker is built, deployed or watched: nothing that a running worker could tell. */
const SILENT = new Set(
  `configPath userConfigPath topLevelName definedEnvironments targetEnvironment account_id name main rules base_dir
  tsconfig jsx_factory jsx_fragment build define alias minify keep_names no_bundle preserve_file_names
  find_additional_modules upload_source_maps dependencies_instrumentation workers_dev preview_urls previews route routes
  keep_vars limits placement observability logpush tail_consumers streaming_tail_consumers send_metrics
  first_party_worker compliance_region dev python_modules`.split(/\s+/),
);

export function readWorkerConfig(file: string): WorkerConfig {
  const read: unknown = readConfig({ config: file }, { hideWarnings: true });
  return playable(z.record(z.string(), z.unknown()).parse(read), file);
}

export function playable(
  config: Readonly<Record<string, unknown>>,
  file = 'wrangler.jsonc',
): WorkerConfig {
  const foreign = Object.keys(config).filter(
    (key) => !(key in Played.shape) && !SILENT.has(key) && !isEmpty(config[key]),
  );
  if (foreign.length > 0) {
    throw new Error(`${file}: the local stack can't play ${foreign.join(', ')}.`);
  }
  const parsed = Played.safeParse(config);
  if (!parsed.success) throw new Error(`${file}:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Wrangler fills in what a file does not say: with nothing, or with containers of nothing. */
const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === 'object' && Object.values(value).every(isEmpty));
