import { joinBytes } from '@gateway/worker-utils/bytes';
import { parseJson } from '@gateway/worker-utils/json';
import { ownSignal } from '@gateway/worker-utils/own-signal';
import type { UpstreamReply } from '../exchange/exchange.ts';
import type { Fields } from './rewrite/public-view.ts';
import { ERROR_BYTES_MAX, ERROR_MS_MAX } from './answer-limits.ts';
import { accumulatedFromJson } from './usage-reader.ts';
import { toldErrorOf } from './told-error.ts';
import type { BodyTransfer, Pause } from './relay.ts';

/** Enough for an operator to see the cause. */
const ERROR_CHARACTERS_MAX = 4096;

type Needs = {
  readonly pause: Pause;
  readonly keepsReply: boolean;
  /** The error to show: the original or a replacement. */
  readonly shown: (error: Fields) => Fields;
};

/** Reads the body of an error response. A body that broke off or took too long is used as far as it arrived. */
export async function relayError(reply: UpstreamReply, needs: Needs): Promise<BodyTransfer> {
  const bytes = await beginningOf(reply, needs.pause);
  const text = new TextDecoder().decode(bytes);
  return {
    body: shownOf(text, { status: reply.status, shown: needs.shown }) ?? bytes,
    end: Promise.resolve({
      // Never charge for an error, whatever cost it reports.
      accumulated: { ...accumulatedFromJson(text), usage: null },
      ending: 'failed',
      errorText: text.slice(0, ERROR_CHARACTERS_MAX),
      replyText: needs.keepsReply ? text : null,
    }),
  };
}

async function beginningOf(reply: UpstreamReply, pause: Pause): Promise<Uint8Array> {
  if (!reply.body) return new Uint8Array();
  const reader = reply.body.getReader();
  const waiting = ownSignal();
  const isLate = pause(ERROR_MS_MAX, waiting.signal).then(() => null);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const read = await Promise.race([reader.read(), isLate]);
      if (read?.done === true) return joinBytes(chunks);
      if (read === null || bytes + read.value.byteLength > ERROR_BYTES_MAX) break;
      chunks.push(read.value);
      bytes += read.value.byteLength;
    }
  } catch {
    // The body broke off. Use what arrived.
  } finally {
    waiting.abort();
  }
  reply.abort();
  return joinBytes(chunks);
}

type Showing = Pick<Needs, 'shown'> & { readonly status: number };

/** Always JSON. Null if nothing needs to change. */
function shownOf(text: string, { status, shown }: Showing): Uint8Array | null {
  const json = parseJson(text);
  const changed = shown(toldErrorOf(text, status));
  return json.ok && changed === json.value
    ? null
    : new TextEncoder().encode(JSON.stringify(changed));
}
