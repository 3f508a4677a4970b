import { list, text } from '../workerd/capnp.ts';

const DATE = '2026-11-01';
const MODULE = `export default {
  fetch: (request, env) =>
    (env.CONFIGURED.includes(new URL(request.url).origin) ? env.PRIVATE : env.PUBLIC).fetch(request),
};`;

export type Outbound = {
  /** What may be reached at all, as workerd's `network` takes it: addresses, which it opens with all their ports. */
  readonly network: readonly string[];
  /** The origins that an operator has configured. Null: all of `network` may be reached by any URL. */
  readonly configured: readonly string[] | null;
};

/**
 * Where `fetch` of the workers goes. An address that is opened for one program of this machine is open on every port. So
 * private addresses are reached by the origins that were configured alone; a name that a tenant has pointed there is not one.
 */
export function outbound({ network, configured }: Outbound): readonly string[] {
  if (configured === null) return [to('internet', network)];
  return [
    to('configured-network', network),
    to('public-network', ['public']),
    `(name = "internet", worker = (
      compatibilityDate = ${text(DATE)},
      modules = [(name = "index.js", esModule = ${text(MODULE)})],
      bindings = ${list([
        '(name = "PRIVATE", service = "configured-network")',
        '(name = "PUBLIC", service = "public-network")',
        `(name = "CONFIGURED", json = ${text(JSON.stringify(configured))})`,
      ])},
      globalOutbound = "public-network",
    ))`,
  ];
}

const to = (name: string, allow: readonly string[]): string =>
  `(name = ${text(name)}, network = (allow = [${allow.map(text).join(', ')}], tlsOptions = (trustBrowserCas = true)))`;

/** The origins of these URLs. What is no URL has none. */
export const originsOf = (urls: readonly string[]): readonly string[] => [
  ...new Set(
    urls.flatMap((url) =>
      /^https?:/i.test(url) && URL.canParse(url) ? [new URL(url).origin] : [],
    ),
  ),
];
