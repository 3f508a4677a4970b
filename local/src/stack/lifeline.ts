import { type ChildProcess, spawn } from 'node:child_process';

/** Waits for the end of its input, which is when whoever holds the other end dies, also by a kill -9. Asks first. */
const WATCH = `read -r _
kill -s "$2" "$1" || exit
for second in 1 2 3 4 5 6 7 8 9 10; do sleep 1; kill -0 "$1" || exit; done
kill -s KILL "$1"`;

/**
 * Ends a detached child when this process dies, however it dies. A detached child would otherwise outlive a kill -9 until
 * the next start finds it.
 */
export function tieToUs(child: ChildProcess, signal: 'INT' | 'TERM'): void {
  if (child.pid === undefined) return;
  const watch = spawn('/bin/sh', ['-c', WATCH, 'lifeline', String(child.pid), signal], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watch.on('error', () => undefined);
  watch.unref();
  child.once('exit', () => watch.kill('SIGKILL'));
}
