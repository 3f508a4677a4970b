import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { list, text } from '../../workerd/capnp.ts';
import { startWorkerd } from '../../workerd/workerd.ts';
import type { WorkerName } from '../../workerd/workers.ts';
import { type Deployment, ModuleShape } from './deployed-worker.ts';

export type Bundled = { readonly name: WorkerName; readonly module: string };

/** Tells of the module beside it what the platform would see in it. */
const PROBE = `
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers';
import * as main from 'index.js';
const isA = (base) => ([, value]) => typeof value === 'function' && value.prototype instanceof base;
const namesOf = (entries) => entries.map(([name]) => name);
const exported = Object.entries(main);
const handler = main.default?.prototype ?? main.default ?? {};
const isHandler = ([name, value]) => name === 'default' && typeof value === 'object';
export default {
  fetch: () => Response.json({
    objects: namesOf(exported.filter(isA(DurableObject))),
    entrypoints: namesOf(exported.filter((entry) => isA(WorkerEntrypoint)(entry) || isHandler(entry))),
    isScheduled: typeof handler.scheduled === 'function',
  }),
};
`;

/** Evaluates a bundle on workerd, without any binding, and looks at it. A bundle that can't be evaluated is an error. */
export async function moduleShapeOf(
  { name, module }: Bundled,
  deployment: Pick<Deployment, 'compatibility_date'>,
  folder: string,
): Promise<ModuleShape> {
  const place = join(folder, `${name}-shape`);
  mkdirSync(place, { recursive: true });
  copyFileSync(module, join(place, 'index.js'));
  const config = join(place, 'workerd.capnp');
  writeFileSync(config, configOf(deployment.compatibility_date));
  const workerd = await startWorkerd({
    config,
    ports: { probe: 0 },
    logFile: join(place, 'workerd.log'),
    secrets: {},
    onLine: () => undefined,
  });
  try {
    return ModuleShape.parse(await (await fetch(workerd.urlOf('probe'))).json());
  } finally {
    await workerd.stop();
  }
}

const configOf = (date: string): string => `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  sockets = [(name = "probe", http = (), service = "probe")],
  services = [(name = "probe", worker = (
    compatibilityDate = ${text(date)},
    modules = ${list([
      `(name = "probe.js", esModule = ${text(PROBE)})`,
      `(name = "index.js", esModule = embed "index.js")`,
    ])},
  ))],
);
`;
