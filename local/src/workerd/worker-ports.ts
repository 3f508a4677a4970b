import { CannotStart } from '../cannot-start.ts';
import { isFree } from '../stack/free-port.ts';
import type { WorkerName } from './workers.ts';

/**
 * The gateway listens where it was told to, the others on the ports after it. Nobody has asked for those: where one of them
 * is taken, the system picks another.
 */
export async function portsNextTo(port: number): Promise<Readonly<Record<WorkerName, number>>> {
  if (port !== 0 && !(await isFree(port))) {
    throw new CannotStart(
      `Port ${port} is in use. Set PORT to another one; 0 lets the system pick.`,
    );
  }
  return {
    'llm-gateway': port,
    o11y: await nextTo(port, 1),
    'session-ingest': await nextTo(port, 2),
  };
}

const PORT_MAX = 65_535;

async function nextTo(port: number, distance: number): Promise<number> {
  const wanted = port + distance;
  return port !== 0 && wanted <= PORT_MAX && (await isFree(wanted)) ? wanted : 0;
}
