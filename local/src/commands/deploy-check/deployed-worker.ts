import { z } from 'zod';

/** What a deployment says of a worker, as wrangler reads it. */
export const Deployment = z.object({
  name: z.string(),
  compatibility_date: z.string(),
  observability: z
    .object({
      enabled: z.boolean().default(false),
      logs: z.object({ invocation_logs: z.boolean().default(true) }).optional(),
    })
    .optional(),
  placement: z.object({ mode: z.string().optional() }).optional(),
  hyperdrive: z.array(z.object({ binding: z.string(), id: z.string() })),
  durable_objects: z.object({
    bindings: z.array(z.object({ name: z.string(), class_name: z.string() })),
  }),
  migrations: z.array(z.object({ tag: z.string(), new_sqlite_classes: z.array(z.string()) })),
  triggers: z.object({ crons: z.array(z.string()).default([]) }),
  services: z
    .array(
      z.object({ binding: z.string(), service: z.string(), entrypoint: z.string().optional() }),
    )
    .default([]),
  secrets_store_secrets: z.array(
    z.object({ binding: z.string(), store_id: z.string(), secret_name: z.string() }),
  ),
  vars: z.record(z.string(), z.unknown()),
  kv_namespaces: z.array(z.object({ binding: z.string(), id: z.string() })),
  analytics_engine_datasets: z.array(z.object({ binding: z.string() })),
  pipelines: z.array(z.object({ binding: z.string(), stream: z.string().optional() })),
});
export type Deployment = z.infer<typeof Deployment>;

/** What a bundle shows of itself, once it has been evaluated. */
export const ModuleShape = z.object({
  objects: z.array(z.string()),
  entrypoints: z.array(z.string()),
  isScheduled: z.boolean(),
});
export type ModuleShape = z.infer<typeof ModuleShape>;

/** All that can be known of a worker before it is deployed. */
export type DeployedWorker = {
  readonly deployment: Deployment;
  readonly shape: ModuleShape;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** What the evaluation of its module took, on this machine. */
  readonly startUpMs: number;
  /** Bindings that its code names. */
  readonly named: ReadonlySet<string>;
  /** All words of its code in capitals: a binding that is not among them is read by nobody. */
  readonly words: ReadonlySet<string>;
  /** Whether the types of its bindings are those of its configuration. */
  readonly hasCurrentTypes: boolean;
  /** Of its Hyperdrive configuration. */
  readonly caching: Caching;
  /** Of the check itself: values of secrets are found here by their names. */
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** `unknown`: nobody with an account was there to ask. */
export type Caching = 'off' | 'on' | 'unknown' | 'no-such-configuration';

export const bindingsOf = (deployment: Deployment): readonly string[] => [
  ...[
    deployment.hyperdrive,
    deployment.services,
    deployment.secrets_store_secrets,
    deployment.kv_namespaces,
    deployment.analytics_engine_datasets,
    deployment.pipelines,
  ].flatMap((bindings) => bindings.map(({ binding }) => binding)),
  ...deployment.durable_objects.bindings.map(({ name }) => name),
  ...Object.keys(deployment.vars),
];
