import { expect, test } from 'vitest';
import { type Finding, findingsOf } from './checks.ts';
import { type DeployedWorker, Deployment } from './deployed-worker.ts';

const deployment = Deployment.parse({
  name: 'worker',
  compatibility_date: '2026-11-01',
  observability: { enabled: true, logs: { invocation_logs: false } },
  placement: { mode: 'smart' },
  hyperdrive: [{ binding: 'DATABASE', id: 'f00d' }],
  durable_objects: { bindings: [{ name: 'THINGS', class_name: 'Thing' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Thing'] }],
  triggers: { crons: ['* * * * *'] },
  services: [{ binding: 'SELF', service: 'worker' }],
  secrets_store_secrets: [{ binding: 'KEY', store_id: 'f00d', secret_name: 'KEY' }],
  vars: { WHERE: 'here' },
  kv_namespaces: [],
  analytics_engine_datasets: [],
  pipelines: [],
});
const names = new Set(['DATABASE', 'THINGS', 'SELF', 'KEY', 'WHERE']);
const worker: DeployedWorker = {
  deployment,
  shape: { objects: ['Thing'], entrypoints: ['default'], isScheduled: true },
  bytes: 1_000,
  gzipBytes: 100,
  startUpMs: 10,
  named: names,
  words: names,
  hasCurrentTypes: true,
  caching: 'off',
  environment: {},
};

const checksOf = (findings: readonly Finding[], verdict: Finding['verdict']) =>
  findings.filter((finding) => finding.verdict === verdict).map(({ check }) => check);

test('a deployment in which all is said is right', () => {
  const findings = findingsOf([worker]);
  expect(checksOf(findings, 'ok')).toEqual(findings.map(({ check }) => check));
});

test.each<readonly [string, string, Partial<DeployedWorker>]>([
  ['a secret that the code reads and nobody declares', 'bindings', { named: new Set(['TOKEN']) }],
  ['a binding that nobody reads', 'bindings', { words: new Set(['DATABASE', 'THINGS', 'KEY']) }],
  ['types that were not made again', 'types', { hasCurrentTypes: false }],
  [
    'an object without binding and migration',
    'objects',
    { shape: { ...worker.shape, objects: ['Thing', 'Other'] } },
  ],
  ['an object that is gone', 'objects', { shape: { ...worker.shape, objects: [] } }],
  ['a service without the entrypoint', 'services', { shape: { ...worker.shape, entrypoints: [] } }],
  ['a cron without a handler', 'cron', { shape: { ...worker.shape, isScheduled: false } }],
  ['Hyperdrive that caches', 'hyperdrive', { caching: 'on' }],
  ['Hyperdrive of another account', 'hyperdrive', { caching: 'no-such-configuration' }],
  ['a bundle that is too large', 'size', { bytes: 65 * 1024 * 1024 }],
  ['one that is too large when compressed', 'size', { gzipBytes: 4 * 1024 * 1024 }],
  ['a slow start', 'start-up', { startUpMs: 1_001 }],
])('%s is wrong', (_what, check, fault) => {
  expect(checksOf(findingsOf([{ ...worker, ...fault }]), 'WRONG')).toEqual([check]);
});

const { logs: _logs, ...watched } = { ...deployment.observability, enabled: true };
test.each<readonly [string, string, Partial<Deployment>]>([
  ['an object without migration', 'objects', { migrations: [] }],
  ['an object without binding', 'objects', { durable_objects: { bindings: [] } }],
  ['a handler without cron', 'cron', { triggers: { crons: [] } }],
  ['no observability', 'observability', { observability: { enabled: false } }],
  ['lines of the platform in the log', 'observability', { observability: watched }],
  ['Postgres asked from afar', 'placement', { placement: undefined }],
  ['a service of nobody', 'services', { services: [{ binding: 'SELF', service: 'other' }] }],
  [
    'a placeholder in a deployment that is meant',
    'ids',
    { hyperdrive: [{ binding: 'DATABASE', id: '0123456789abcdef0123456789abcdef' }] },
  ],
])('%s is wrong', (_what, check, fault) => {
  const faulty = { ...worker, deployment: { ...deployment, ...fault } };
  expect(checksOf(findingsOf([faulty]), 'WRONG')).toContain(check);
});

test('what only an account knows is open where none is asked', () => {
  const secrets = [{ binding: 'KEY', store_id: 'gateway', secret_name: 'KEY' }];
  const unasked: DeployedWorker = {
    ...worker,
    caching: 'unknown',
    deployment: { ...deployment, secrets_store_secrets: secrets },
  };
  expect(checksOf(findingsOf([unasked]), 'open')).toEqual(['hyperdrive', 'ids']);
  expect(checksOf(findingsOf([unasked]), 'WRONG')).toEqual([]);
});

const signing = {
  ...deployment,
  secrets_store_secrets: [
    { binding: 'KEY', store_id: 'f00d', secret_name: 'NEXTAUTH_SECRET_PROD' },
    { binding: 'OLD_KEY', store_id: 'f00d', secret_name: 'NEXTAUTH_SECRET_PREVIOUS' },
  ],
};
const secretsWith = (environment: DeployedWorker['environment']) =>
  findingsOf([{ ...worker, deployment: signing, environment }]).find(
    ({ check }) => check === 'secrets',
  );

test.each([
  ['a required secret', { NEXTAUTH_SECRET_PROD: 'none' }, 'is required, and has no value'],
  ['an empty one', { NEXTAUTH_SECRET_PROD: '' }, 'is required, and has no value'],
  ['a short one', { NEXTAUTH_SECRET_PROD: 'fifteen bytes..' }, 'is shorter than 16 bytes'],
  ['a short previous one', { NEXTAUTH_SECRET_PREVIOUS: 'old' }, 'is shorter than 16 bytes'],
])('%s that verifies nothing is wrong where it is given', (_what, environment, detail) => {
  expect(secretsWith(environment)).toMatchObject({ verdict: 'WRONG' });
  expect(secretsWith(environment)?.detail).toContain(detail);
});

test('a required secret that is not given is open, and right where it is given and strong', () => {
  expect(secretsWith({})).toMatchObject({ verdict: 'open' });
  const given = { NEXTAUTH_SECRET_PROD: 's'.repeat(16), NEXTAUTH_SECRET_PREVIOUS: 'none' };
  expect(secretsWith(given)).toMatchObject({ verdict: 'ok' });
});

test('a secret of ours that anybody can read as a variable is wrong', () => {
  const vars = { ...deployment.vars, GATEWAY_ADMIN_TOKEN: 's'.repeat(32) };
  const findings = findingsOf([{ ...worker, deployment: { ...deployment, vars } }]);
  expect(findings.find(({ check }) => check === 'secrets')).toMatchObject({ verdict: 'WRONG' });
});
