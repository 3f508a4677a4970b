// Plain JavaScript for Node 20: it runs before anything is installed. Installs what is missing, then hands over to the
// Node version that the project pins.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = join(root, 'node_modules', 'node', 'bin', 'node');
const stamp = join(root, 'node_modules', '.installed');

const tests = [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run'];
const programs = {
  start: [join(root, 'local', 'src', 'commands', 'start.ts')],
  serve: [join(root, 'local', 'src', 'commands', 'serve.ts')],
  token: [join(root, 'local', 'src', 'commands', 'token.ts')],
  migrate: [join(root, 'local', 'src', 'commands', 'migrate.ts')],
  reconcile: [join(root, 'local', 'src', 'commands', 'reconcile.ts')],
  bench: [join(root, 'bench', 'src', 'main.ts')],
  faults: [join(root, 'tools', 'faults', 'main.ts')],
  build: [join(root, 'local', 'src', 'commands', 'build.ts')],
  types: [join(root, 'local', 'src', 'commands', 'types.ts')],
  'deploy:check': [join(root, 'local', 'src', 'commands', 'deploy-check.ts')],
  test: tests,
  // Published programs against the local stack. They are installed where they are missing.
  'test:clients': [...tests, '--config', join(root, 'vitest.clients.config.ts')],
  // The same as test, and those whose size matters at their full size.
  proof: tests,
  install: null,
};

const [name, ...args] = process.argv.slice(2);
if (!(name in programs)) throw new Error(`Unknown program: ${name}`);

install();
if (name === 'start' || name === 'serve') runStack();
else if (programs[name]) run();

function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(node) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  process.stderr.write('Installing packages (npm ci). The first time, this takes a minute …\n');
  // What npm says goes to stderr: the output of `token` is a token and nothing else.
  const done = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (done.status !== 0) process.exit(done.status ?? 1);
  writeFileSync(stamp, lock);
}

/** In a process group of its own: Ctrl-C reaches only this script, which asks the stack for one orderly stop. */
function runStack() {
  const child = launch({ detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  // The channel also closes when this script dies: the stack stops then too.
  const stop = () => child.connected && child.disconnect();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  const npm = npmPid();
  if (npm !== null) setInterval(() => isAlive(npm) || stop(), 250).unref();
}

function run() {
  const child = launch({ stdio: 'inherit' });
  // A terminal sends Ctrl-C to the child as well. Twice would be a demand to end at once, and to leave things behind.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
}

function launch(options) {
  const child = spawn(node, [...programs[name], ...args], {
    cwd: ['start', 'serve', 'token'].includes(name) ? process.cwd() : root,
    env: {
      ...(name === 'proof' && { PROOF_RUNS: '20000' }),
      ...process.env,
      PATH: [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
    },
    ...options,
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
  return child;
}

/** npm starts scripts through a shell, which outlives it when it is killed. Null where npm did not start this. */
function npmPid() {
  if (process.env.npm_lifecycle_event !== name) return null;
  const asked = spawnSync('ps', ['-o', 'ppid=,comm=', '-p', String(process.ppid)], {
    encoding: 'utf8',
  });
  const { parent, command } =
    /(?<parent>\d+)\s+(?<command>\S+)/.exec(asked.stdout ?? '')?.groups ?? {};
  return command !== undefined && /(^|[/-])(ba|da)?sh$/.test(command)
    ? Number(parent)
    : process.ppid;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
