/**
 * A URL below a configured base, whose own path is kept and whose trailing slashes don't count: `https://a.example/v1/` and
 * `/models` give `https://a.example/v1/models`.
 * @param path begins with a slash; may hold a query
 */
export const urlUnder = (base: string, path: string): string =>
  `${base.replace(/\/+$/, '')}${path}`;
