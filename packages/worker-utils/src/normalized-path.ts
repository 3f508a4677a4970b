/**
 * The path that routes are matched by: without doubled and trailing slashes, which clients produce when they join a base URL
 * with a path. `//api/v1//models/` is `/api/v1/models`; the root stays `/`.
 */
export const normalizedPath = (pathname: string): string =>
  pathname.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
