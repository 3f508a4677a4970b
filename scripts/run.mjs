// Plain JavaScript for Node 20: it runs before anything is installed. Installs what is missing, then hands over to the
// Node version that the project pins.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = join(root, 'node_modules', 'node', 'bin', 'node');
const stamp = join(root, 'node_modules', '.installed');

const programs = {
  start: [join(root, 'local', 'src', 'main.ts')],
  token: [join(root, 'local', 'src', 'token.ts')],
  build: [join(root, 'local', 'src', 'build.ts')],
  test: [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run'],
  // The same tests, at the size that takes minutes.
  proof: [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run'],
};

const [name, ...args] = process.argv.slice(2);
const program = programs[name];
if (!program) throw new Error(`Unknown program: ${name}`);

install();
run();

function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(node) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  process.stderr.write('Installing packages (npm ci) …\n');
  // What npm says goes to stderr: the output of `token` is a token and nothing else.
  const done = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (done.status !== 0) process.exit(done.status ?? 1);
  writeFileSync(stamp, lock);
}

function run() {
  // In a process group of its own: Ctrl-C reaches only this script, which asks the stack for one orderly stop. When this
  // script dies, the channel closes, and the stack stops too.
  const isStack = name === 'start';
  const child = spawn(node, [...program, ...args], {
    cwd: isStack ? process.cwd() : root,
    detached: isStack,
    stdio: isStack ? ['ignore', 'inherit', 'inherit', 'ipc'] : 'inherit',
    env: {
      ...(name === 'proof' && { PROOF_RUNS: '20000' }),
      ...process.env,
      PATH: `${dirname(node)}:${join(root, 'node_modules', '.bin')}:${process.env.PATH}`,
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (isStack && child.connected) child.disconnect();
      else if (!isStack) child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}
