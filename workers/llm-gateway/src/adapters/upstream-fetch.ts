import type { Upstream } from '../stages/attempt.ts';

/** Redirects are not followed: a key must not travel to a host that nobody configured. */
export const upstreamFetch: Upstream = {
  send: ({ url, headers, body }, signal) =>
    // oxlint-disable-next-line eslint/no-restricted-globals -- This is the port that calls out.
    fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' }),
};
