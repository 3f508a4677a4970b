import { urlUnder } from '@gateway/worker-utils/url-under';
import type { Log } from '@gateway/worker-utils/json-log';
import { parseJson } from '@gateway/worker-utils/json';
import type { AbuseCost } from '../../reporting/abuse/cost.ts';
import type { AbuseQuestion } from '../../reporting/abuse/question.ts';
import { Verdict } from '../../reporting/abuse/verdict.ts';

type Secret = 'ABUSE_SERVICE_URL' | 'ABUSE_CF_ACCESS_CLIENT_ID' | 'ABUSE_CF_ACCESS_CLIENT_SECRET';
type Needs = {
  readonly secret: (name: Secret) => Promise<string | null>;
  readonly environment: string;
  /** Of the trace that goes on there. */
  readonly traceparent: () => string | null;
  readonly log: Log;
};

export type AbuseService = {
  /** The id of what it said, for telling it the cost later. Null where it said nothing of use in time. Never rejects. */
  readonly classify: (question: () => AbuseQuestion) => Promise<number | null>;
  readonly reportCost: (cost: AbuseCost, request: number) => Promise<void>;
};

const PRODUCTION_URL = 'https://abuse.kiloapps.io';
const CLASSIFY_MS_MAX = 2_000;
const REPORT_MS_MAX = 5_000;

/** A client of the abuse service. Where none is configured it asks nobody. */
export function abuseServiceOf({ secret, environment, traceparent, log }: Needs): AbuseService {
  const isProduction = environment === 'production';
  const service = async (): Promise<Service | null> => {
    const url = (await secret('ABUSE_SERVICE_URL')) ?? (isProduction ? PRODUCTION_URL : null);
    if (url === null) return null;
    const id = await secret('ABUSE_CF_ACCESS_CLIENT_ID');
    const key = await secret('ABUSE_CF_ACCESS_CLIENT_SECRET');
    if (id !== null && key !== null) {
      return { url, headers: { 'CF-Access-Client-Id': id, 'CF-Access-Client-Secret': key } };
    }
    return isProduction ? null : { url, headers: {} };
  };
  return {
    async classify(question) {
      try {
        const known = await service();
        if (!known) return null;
        const call = { body: question(), msMax: CLASSIFY_MS_MAX, traceparent: traceparent() };
        const said = await post(known, '/api/classify', call);
        const verdict = Verdict.parse(said);
        if (verdict.verdict !== 'ALLOW') log.info('abuse verdict', shown(verdict));
        return verdict.request_id || null;
      } catch (cause) {
        log.warn('no abuse verdict', { cause });
        return null;
      }
    },
    async reportCost(cost, request) {
      const known = await service();
      if (!known) return;
      const body = { ...cost, request_id: request };
      const call = { body, msMax: REPORT_MS_MAX, traceparent: traceparent() };
      await post(known, '/api/usage/cost', call);
    },
  };
}

type Call = {
  readonly body: object;
  readonly msMax: number;
  readonly traceparent: string | null;
};
type Service = { readonly url: string; readonly headers: Readonly<Record<string, string>> };

async function post(
  { url, headers }: Service,
  path: string,
  { body, msMax, traceparent }: Call,
): Promise<unknown> {
  // oxlint-disable-next-line eslint/no-restricted-globals -- This is a port that calls out.
  const answer = await fetch(urlUnder(url, path), {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(traceparent !== null && { traceparent }),
      ...headers,
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(msMax),
    redirect: 'manual',
  });
  const json = parseJson(await answer.text());
  if (!answer.ok) throw new AbuseServiceError(String(answer.status));
  return json.ok ? json.value : null;
}

const shown = ({ verdict, risk_score, signals, context, request_id }: Verdict) => ({
  verdict,
  risk_score,
  signals,
  rps: context?.requests_per_second ?? null,
  request_id,
});

class AbuseServiceError extends Error {
  override readonly name = 'AbuseServiceError';
  readonly code: string;
  constructor(code: string) {
    super('The abuse service did not answer well');
    this.code = code;
  }
}
