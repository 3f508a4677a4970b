import { expect, test } from 'vitest';
import { playable } from './worker-config.ts';
import { workerdConfig } from './workerd-config.ts';

const none = {
  compatibility_date: '2026-11-01',
  compatibility_flags: [],
  vars: {},
  hyperdrive: [],
  secrets_store_secrets: [],
  durable_objects: { bindings: [] },
  migrations: [],
  kv_namespaces: [],
  analytics_engine_datasets: [],
  pipelines: [],
  triggers: {},
};

const written = (part: Readonly<Record<string, unknown>>, databaseUrl = 'postgres://u:p@h/d') =>
  workerdConfig({
    services: [
      { name: 'gateway', module: 'gateway.js', config: playable({ ...none, ...part }) },
      { name: 'other', module: 'other.js', config: playable(none) },
    ],
    vars: { PLAIN: 'of this machine' },
    database: new URL(databaseUrl),
    storageFolder: '/data/objects',
    network: ['public'],
  });

test('each worker answers on a socket of its own, which no header can forge a peer on', () => {
  const config = written({});
  expect(config).toContain('(name = "gateway", http = (), service = "gateway")');
  expect(config).toContain('(name = "other", http = (), service = "other")');
  expect(config).not.toContain('cfBlobHeader');
});

test('a variable takes the value of this machine, and one that is no text stays none', () => {
  const config = written({ vars: { PLAIN: 'deployed', COUNT: 5, ON: true } });
  expect(config).toContain('(name = "PLAIN", text = "of this machine")');
  expect(config).toContain('(name = "COUNT", json = "5")');
  expect(config).toContain('(name = "ON", json = "true")');
});

test("a password with signs of a URL's own reaches the database as it is", () => {
  const config = written(
    { hyperdrive: [{ binding: 'DB' }] },
    'postgres://us%40er:a%2Fb%3A%25c@db.example.com/name',
  );
  expect(config).toContain('database = "name", user = "us%40er", password = "a%2Fb%3A%25c"');
  expect(config).toContain('address = "db.example.com:5432"');
});

test('secrets are named in the configuration, and their values are not in it', () => {
  const config = written({ secrets_store_secrets: [{ binding: 'KEY', secret_name: 'THE_KEY' }] });
  expect(config).toContain('(name = "KEY", service = (name = "secrets", entrypoint = "THE_KEY"))');
  expect(config).toContain('(name = "THE_KEY", fromEnvironment = "THE_KEY")');
});

test('objects are kept on disk, under a key that says whose they are', () => {
  const config = written({
    durable_objects: { bindings: [{ name: 'LEDGER', class_name: 'Ledger' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Ledger'] }],
  });
  expect(config).toContain(
    '(className = "Ledger", uniqueKey = "gateway-Ledger", enableSql = true)',
  );
  expect(config).toContain('(name = "LEDGER", durableObjectNamespace = "Ledger")');
  expect(config).toContain('disk = (path = "/data/objects", writable = true)');
});

test('KV and cron are there where a worker needs them, and only there', () => {
  expect(written({})).not.toMatch(/kv\.js|cron\.js/);
  const config = written({
    kv_namespaces: [{ binding: 'STATE' }],
    triggers: { crons: ['* * * * *'] },
  });
  expect(config).toContain(
    String.raw`kvNamespace = (name = "kv", props = (json = "{\"namespace\":\"STATE\"}"))`,
  );
  expect(config).toContain(String.raw`(name = "CRONS", json = "{\"gateway\":[\"* * * * *\"]}")`);
});
