import type { Exchange } from './exchange.ts';
import type { Settings } from './settings.ts';
import { OVERFLOW_MARK } from './usage.ts';

export const PROVIDER = 'Simulated';

/** An account's id, as OpenRouter shows it to whoever holds the key: nobody else should ever read it. */
export const ACCOUNT_ID = 'org_2simulatedAccountOfTheHouse';

export const headersOf = (type: string, { identity, scenario }: Exchange) => ({
  'content-type': type,
  'x-generation-id': identity.generationId,
  // What a gateway must not pass on.
  'cache-control': 'no-cache',
  'access-control-allow-origin': '*',
  'set-cookie': '__simulated=of-the-provider; Path=/; HttpOnly',
  server: 'simulated',
  'x-ratelimit-limit': '1000',
  'x-ratelimit-remaining': '999',
  // The end of the connection is then the end of the body: a cut looks like a whole answer.
  ...(scenario.settings.framing === 'close' && { connection: 'close' }),
});

/** JSON as providers write it: some escape all that is not ASCII. */
export function jsonText(value: unknown, { escape }: Settings): string {
  const text = JSON.stringify(value).replace(`"${OVERFLOW_MARK}"`, '1e999');
  return escape
    ? text.replaceAll(
        /[\u0080-\uffff]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
    : text;
}

export const COMMENT = 'OPENROUTER PROCESSING';

/** Events of one stream, in the spelling that the scenario wants. */
export function eventWriter(settings: Settings) {
  const line = settings.crlf ? '\r\n' : '\n';
  const field = settings.tight ? 'data:' : 'data: ';
  let count = 0;
  const event = (data: string): string => {
    count += 1;
    const id = settings.ids ? `event: message${line}id: ${count}${line}` : '';
    return `${id}${data
      .split('\n')
      .map((part) => `${field}${part}${line}`)
      .join('')}${line}`;
  };
  return {
    comment: `: ${COMMENT}${line}${line}`,
    event,
    /** An event whose data is JSON, over several lines where the scenario says so. */
    json: (value: unknown): string =>
      event(
        settings.multiline
          ? JSON.stringify(value, null, 1).replace(`"${OVERFLOW_MARK}"`, '1e999')
          : jsonText(value, settings),
      ),
    line,
  };
}
export type EventWriter = ReturnType<typeof eventWriter>;
