import { normalizedPath } from '@gateway/worker-utils/normalized-path';
import { BODY_BYTES_MAX } from '@gateway/worker-utils/body-limits';
import type { ExchangeId } from '@gateway/worker-utils/ids';
import {
  type BodyAllowance,
  type BodyFault,
  type BodyText,
  type Intake,
  readTextWithin,
  readWithin,
} from '@gateway/worker-utils/read-within';
import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { Clock } from '@gateway/worker-utils/time';
import type { Geo, Received } from '../../exchange/exchange.ts';
import type { Refusal } from '../../exchange/refusal.ts';
import { type AddressSource, clientAddressOf } from '../../request/client-address.ts';
import { namedAddressOf, type NamedAddressNeeds } from '../../request/named-address.ts';
import { bearerOf } from '../../request/bearer.ts';
import { decoded, encodingOf } from '../../request/content-encoding.ts';
import { clientHintsOf, type ApiFlavor } from '../../request/client-hints.ts';

export type Edge = {
  /** The peer of the connection, `address:port`, where the platform knows it. */
  readonly socketAddress: string | null;
  readonly geo: Geo;
};
export type Incoming = { readonly request: Request; readonly edge: Edge };
type Needs = NamedAddressNeeds & {
  readonly clock: Clock;
  readonly exchangeIds: { readonly next: () => ExchangeId };
  readonly addressSource: AddressSource;
  /** Null: not a token that we have signed, or not valid now. */
  readonly tokens: { readonly verify: (token: string) => Promise<object | null> };
  readonly intake: Intake;
};

/** Without a token that we have signed. */
const ANONYMOUS_BODY_BYTES_MAX = 8 * 1024 * 1024;

const utf8 = new TextDecoder();

const NOWHERE: Geo = { city: null, country: null, latitude: null, longitude: null, ja4: null };

const PATH = /^\/api\/(?:(?<door>openrouter|gateway|v1)\/chat|fim)\/completions$/;

export async function receive(
  { request, edge }: Incoming,
  needs: Needs,
): Promise<Result<Received, Refusal>> {
  const at = needs.clock.now();
  const path = PATH.exec(normalizedPath(new URL(request.url).pathname));
  if (!path) return err({ kind: 'path-unknown' });
  if (request.method !== 'POST') return err({ kind: 'method-not-allowed', allow: 'POST' });

  const bearer = bearerOf(request.headers.get('authorization'));
  const body = await bodyOf(request, {
    intake: needs.intake,
    allowance: {
      bytesMax: ANONYMOUS_BODY_BYTES_MAX,
      more: async () => {
        const claims = bearer === null ? null : await needs.tokens.verify(bearer);
        return claims ? BODY_BYTES_MAX : ANONYMOUS_BODY_BYTES_MAX;
      },
    },
  });
  if (!body.ok) return body;
  const { text, bodyBytes } = body.value;

  const named = await namedAddressOf(request.headers, needs);
  const observed = clientAddressOf({ headers: request.headers, ...edge }, needs.addressSource);
  const arrival = {
    id: needs.exchangeIds.next(),
    at,
    bodyBytes,
    bearer,
    // The place of its connection is the server's, not that of who it speaks for.
    ...(named ? { ...named, geo: NOWHERE } : { address: observed, geo: edge.geo }),
    hints: clientHintsOf(request.headers, doorOf(path.groups?.['door'])),
    clientSignal: request.signal,
  };
  return ok({ arrival, text });
}

type Taking = {
  readonly intake: Intake;
  readonly allowance: Required<BodyAllowance>;
};

async function bodyOf(
  request: Request,
  { intake, allowance }: Taking,
): Promise<Result<BodyText, Refusal>> {
  const encoding = encodingOf(request.headers.get('content-encoding'));
  if (!encoding.ok) return err({ kind: 'encoding-unsupported' });
  if (encoding.value.kind === 'none') {
    const body = await readTextWithin(request, allowance, intake);
    return body.ok ? body : err(refusalOf(body.error));
  }
  const sent = await readWithin(request, allowance, intake);
  if (!sent.ok) return err(refusalOf(sent.error));
  const { decode } = encoding.value;
  let { bytesMax } = allowance;
  let bytes = decoded(sent.value, decode, bytesMax);
  if (!bytes.ok && bytes.error === 'too-large') {
    bytesMax = await allowance.more();
    bytes = decoded(sent.value, decode, bytesMax);
  }
  if (bytes.ok) return ok({ text: utf8.decode(bytes.value), bodyBytes: bytes.value.byteLength });
  return bytes.error === 'too-large'
    ? err(refusalOf({ kind: 'too-large', bytesMax }))
    : err({ kind: 'body-unreadable', body: sent.value, position: null });
}

export function refusalOf(fault: BodyFault): Refusal {
  switch (fault.kind) {
    case 'too-large':
      return { kind: 'body-too-large', limit: { kind: 'bytes', bytesMax: fault.bytesMax } };
    case 'too-slow':
      return { kind: 'body-too-slow' };
    case 'crowded-out':
      return { kind: 'body-crowded-out' };
    case 'broken':
      return { kind: 'body-broken' };
  }
}

const doorOf = (name: string | undefined): ApiFlavor =>
  name === 'gateway' || name === 'v1' ? name : 'openrouter';
