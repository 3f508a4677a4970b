import { parseArgs } from 'node:util';
import { startSimulator } from './server.ts';

// The simulator as a process of its own, so that it outlives whatever else a test ends. It prints one line of JSON.

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    host: { type: 'string' },
    'api-key': { type: 'string' },
    seed: { type: 'string' },
  },
});

const simulator = await startSimulator({
  ...(values.port !== undefined && { port: Number(values.port) }),
  ...(values.host !== undefined && { host: values.host }),
  ...(values['api-key'] !== undefined && { apiKey: values['api-key'] }),
  ...(values.seed !== undefined && { seed: Number(values.seed) }),
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void simulator.close().then(() => process.exit(0));
  });
}

console.log(JSON.stringify({ url: simulator.url, pid: process.pid }));
