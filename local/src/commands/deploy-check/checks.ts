import { flawText, ruledSecretNames, secretFlaw } from '@gateway/worker-utils/secret-rules';
import { bindingsOf, type DeployedWorker } from './deployed-worker.ts';

/** `open`: can't be known here; the detail says who knows. */
export type Verdict = 'ok' | 'open' | 'WRONG';
export type Finding = {
  readonly worker: string;
  readonly check: string;
  readonly verdict: Verdict;
  readonly detail: string;
};
type Found = Pick<Finding, 'verdict' | 'detail'>;

const MIB = 1024 * 1024;
/** Of one worker, on every plan (developers.cloudflare.com/workers/platform/limits). */
const BYTES_MAX = 64 * MIB;
/** What free plans took until that limit replaced this one. A bundle that is below it starts fast. */
const GZIP_BYTES_MAX = 3 * MIB;
const START_UP_MS_MAX = 1_000;
/** On free plans; twice as many on others. */
const BINDINGS_MAX = 64;

/** What can be told of a deployment before it happens. The workers must be all that are deployed. */
export const findingsOf = (workers: readonly DeployedWorker[]): readonly Finding[] =>
  workers.flatMap((worker) => [
    finding(worker, 'bindings', bindings(worker)),
    finding(worker, 'types', types(worker)),
    finding(worker, 'objects', objects(worker)),
    finding(worker, 'services', services(worker, workers)),
    finding(worker, 'cron', cron(worker)),
    finding(worker, 'observability', observability(worker)),
    finding(worker, 'placement', placement(worker)),
    finding(worker, 'hyperdrive', hyperdrive(worker)),
    finding(worker, 'ids', ids(worker)),
    finding(worker, 'secrets', secrets(worker)),
    finding(worker, 'size', size(worker)),
    finding(worker, 'start-up', startUp(worker)),
  ]);

const finding = ({ deployment }: DeployedWorker, check: string, found: Found): Finding => ({
  worker: deployment.name,
  check,
  ...found,
});

const ok = (detail: string): Found => ({ verdict: 'ok', detail });
const open = (detail: string): Found => ({ verdict: 'open', detail });
const wrong = (detail: string): Found => ({ verdict: 'WRONG', detail });
/** Right where none of the flaws is there. */
const unless = (flaws: readonly string[], otherwise: string): Found =>
  flaws.length > 0 ? wrong(flaws.join('; ')) : ok(otherwise);

function bindings({ deployment, named, words }: DeployedWorker): Found {
  const declared = bindingsOf(deployment);
  const undeclared = [...named].filter((name) => !declared.includes(name));
  const unread = declared.filter((name) => !words.has(name));
  const twice = declared.filter((name, index) => declared.indexOf(name) !== index);
  return unless(
    [
      ...undeclared.map((name) => `${name} is read, and not declared`),
      ...unread.map((name) => `${name} is declared, and read by nobody`),
      ...twice.map((name) => `${name} is declared twice`),
      ...(declared.length > BINDINGS_MAX ? [`more than ${BINDINGS_MAX}`] : []),
    ],
    `${declared.length}, of which ${deployment.secrets_store_secrets.length} are secrets`,
  );
}

const types = ({ hasCurrentTypes }: DeployedWorker): Found =>
  hasCurrentTypes ? ok('as wrangler makes them') : wrong('stale: npm run types');

function objects({ deployment, shape }: DeployedWorker): Found {
  const migrated = deployment.migrations.flatMap((migration) => migration.new_sqlite_classes);
  const bound = deployment.durable_objects.bindings.map((binding) => binding.class_name);
  const all = [...new Set([...shape.objects, ...migrated, ...bound])];
  const lacking = (names: readonly string[], what: string): readonly string[] =>
    all.filter((name) => !names.includes(name)).map((name) => `${name} ${what}`);
  return unless(
    [
      ...lacking(shape.objects, 'is not exported'),
      ...lacking(migrated, 'has no migration'),
      ...lacking(bound, 'has no binding'),
    ],
    all.length === 0 ? 'none' : all.join(', '),
  );
}

function services({ deployment }: DeployedWorker, workers: readonly DeployedWorker[]): Found {
  const flaws = deployment.services.flatMap(({ service, entrypoint = 'default' }) => {
    const target = workers.find((worker) => worker.deployment.name === service);
    if (!target) return [`${service} is no worker of ours`];
    const isThere = target.shape.entrypoints.includes(entrypoint);
    return isThere ? [] : [`${service} has no entrypoint ${entrypoint}`];
  });
  const names = deployment.services.map(({ service }) => service);
  return unless(flaws, names.length === 0 ? 'none' : names.join(', '));
}

function cron({ deployment, shape }: DeployedWorker): Found {
  const { crons } = deployment.triggers;
  if (shape.isScheduled && crons.length === 0) return wrong('nothing wakes its scheduled handler');
  if (!shape.isScheduled && crons.length > 0) return wrong('no handler is there to be woken');
  return ok(crons.length === 0 ? 'none' : crons.join(', '));
}

function observability({ deployment: { observability: seen } }: DeployedWorker): Found {
  if (!seen?.enabled) return wrong('off: what it logs is lost');
  const isOursAlone = seen.logs?.invocation_logs === false;
  return isOursAlone ? ok('on') : wrong('the platform would log addresses and paths by itself');
}

/** Who asks Postgres runs where Postgres is near, not where the caller is. */
function placement({ deployment }: DeployedWorker): Found {
  const isSmart = deployment.placement?.mode === 'smart';
  const asksPostgres = deployment.hyperdrive.length > 0;
  if (asksPostgres && !isSmart) return wrong('asks Postgres from wherever the caller is');
  return ok(isSmart ? 'smart' : 'near who calls');
}

function hyperdrive({ deployment, caching }: DeployedWorker): Found {
  if (deployment.hyperdrive.length === 0) return ok('none');
  switch (caching) {
    case 'off':
      return ok('caching is off');
    case 'on':
      return wrong('caching is on: a revoked token would go on for 75 s');
    case 'no-such-configuration':
      return wrong('this account has no configuration of this id');
    case 'unknown':
      return open(
        'caching: set CLOUDFLARE_API_TOKEN to ask; GET /health?deep proves it once deployed',
      );
  }
}

/** Of this repository's files, as long as nobody has put the ids of an account in their place. */
const PLACEHOLDER = /^0123456789abcdef/;

/** An account was there to be asked: a deployment is meant, and placeholders would end it. */
function ids({ deployment, caching }: DeployedWorker): Found {
  const placeholders = [
    ...[...deployment.hyperdrive, ...deployment.kv_namespaces]
      .filter(({ id }) => PLACEHOLDER.test(id))
      .map(({ binding }) => binding),
    ...deployment.pipelines
      .filter(({ stream = '' }) => PLACEHOLDER.test(stream))
      .map(({ binding }) => binding),
    ...(deployment.secrets_store_secrets.some(({ store_id: store }) => store === 'gateway')
      ? ['the Secrets Store']
      : []),
  ];
  if (placeholders.length === 0) return ok('of an account');
  const detail = `a placeholder stands for ${placeholders.join(', ')}`;
  return caching === 'unknown' ? open(detail) : wrong(detail);
}

const isRequired = (name: string): boolean => secretFlaw(name, null) !== null;

/** Nobody can read a value back from the Secrets Store: what is checked is what the environment gives under the same name. */
function secrets({ deployment, environment }: DeployedWorker): Found {
  const inTheOpen = Object.keys(deployment.vars).filter((name) => ruledSecretNames.includes(name));
  const names = deployment.secrets_store_secrets.map(({ secret_name: name }) => name);
  const given = names.filter((name) => environment[name] !== undefined);
  const flaws = given.flatMap((name) => {
    const flaw = secretFlaw(name, environment[name]);
    return flaw === null ? [] : [flawText(name, flaw)];
  });
  const unknown = names.filter((name) => isRequired(name) && environment[name] === undefined);
  if (flaws.length + inTheOpen.length > 0) {
    return wrong([...flaws, ...inTheOpen.map((name) => `${name} is a variable`)].join('; '));
  }
  return unknown.length === 0
    ? ok(names.length === 0 ? 'none' : `fit, as far as given: ${given.join(', ') || 'none'}`)
    : open(
        `set ${unknown.join(', ')} to check what the store holds; /health proves it once deployed`,
      );
}

function size({ bytes, gzipBytes }: DeployedWorker): Found {
  const detail = `${mib(bytes)}, ${mib(gzipBytes)} compressed`;
  return bytes > BYTES_MAX || gzipBytes > GZIP_BYTES_MAX
    ? wrong(`${detail}: the limits are ${mib(BYTES_MAX)} and ${mib(GZIP_BYTES_MAX)}`)
    : ok(detail);
}

const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;

function startUp({ startUpMs }: DeployedWorker): Found {
  const detail = `${Math.round(startUpMs)} ms on this machine`;
  return startUpMs > START_UP_MS_MAX
    ? wrong(`${detail}: the limit is ${START_UP_MS_MAX} ms`)
    : ok(detail);
}
