import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from '../workerd/capnp.ts';
import { startWorkerd, type Workerd } from '../workerd/workerd.ts';

// The least that a gateway on workerd can do: the limits to measure against.

const DRAIN = `
  async function drain(stream) {
    const reader = stream.getReader({ mode: 'byob' });
    let buffer = new ArrayBuffer(65536);
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      for (;;) {
        const { done, value } = await reader.read(new Uint8Array(buffer));
        if (done) return;
        buffer = value.buffer;
        if (value.byteLength < buffer.byteLength) break;
      }
    }
  }`;

const sources = {
  /** Passes everything on: no JavaScript runs for the body of either side. */
  'native pass-through': (to: string) =>
    `export default { fetch: (request) => fetch(${to}, request) };`,
  /** The same, and reads a copy of the answer at its leisure. */
  'tee() pass-through': (to: string) => `${DRAIN}
  export default { async fetch(request, env, context) {
    const reply = await fetch(${to}, request);
    const [client, copy] = reply.body.tee();
    context.waitUntil(drain(copy));
    return new Response(client, reply);
  } };`,
  /** Parses and serialises the request once. */
  'parse and serialise': (to: string) => `export default { async fetch(request) {
    const body = JSON.stringify(JSON.parse(await request.text()));
    return fetch(${to}, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  } };`,
} as const;
export type ProxyName = keyof typeof sources;
export const proxyNames = Object.keys(sources).filter((name): name is ProxyName => name in sources);

export async function startProxy(
  name: ProxyName,
  { folder, upstream }: { readonly folder: string; readonly upstream: string },
): Promise<Workerd> {
  const own = join(folder, name.replaceAll(/\W+/g, '-'));
  mkdirSync(own, { recursive: true });
  const config = join(own, 'workerd.capnp');
  const source = sources[name](JSON.stringify(`${upstream}/chat/completions`));
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  sockets = [(name = "proxy", http = (), service = "proxy")],
  services = [
    (name = "proxy", worker = (
      compatibilityDate = "2026-11-01",
      modules = [(name = "index.js", esModule = ${text(source)})],
    )),
    (name = "internet", network = (allow = ["127.0.0.1/32"])),
  ],
);
`,
  );
  return startWorkerd({
    config,
    ports: { proxy: 0 },
    logFile: join(own, 'workerd.log'),
    secrets: {},
    onLine: () => undefined,
  });
}
