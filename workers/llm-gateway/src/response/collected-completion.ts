import { parseJson } from '@gateway/worker-utils/json';
import { isRecord } from '../request/chat-request.ts';
import type { Fields } from './rewrite/public-view.ts';
import { eventParser } from './event-parser.ts';
import { failureIn } from './failure-in.ts';
import type { Gathering } from './gathered.ts';
import { mergedMessage, withoutNulls } from './merged-message.ts';
import { DONE_MARKER } from './event-rewriter.ts';
import { accumulate, emptyAccumulator } from './usage-accumulator.ts';
import { verdictOf } from './verdict.ts';

/** Means nothing before JSON. */
const PADDING = '\n';

/** A stream of events, as the one JSON answer that its client has asked for. @param onGeneration hears its name, once */
export function collectedCompletion(onGeneration: (name: string) => void): Gathering {
  const decoder = new TextDecoder();
  const choices = new Map<number, Fields>();
  let base: Fields = {};
  let failed: Fields | null = null;
  let tally = emptyAccumulator;
  let held = 0;
  const parser = eventParser({
    onEvent({ data }) {
      if (data.trim() === DONE_MARKER) {
        tally = { ...tally, isClosed: true };
        return;
      }
      const json = parseJson(data);
      const value = json.ok ? json.value : null;
      const known = tally.generationId;
      tally = accumulate(tally, value);
      if (known === null && tally.generationId !== null) onGeneration(tally.generationId);
      if (!isRecord(value)) return;
      if (failureIn(value) !== null) failed ??= value;
      held += data.length;
      const { choices: said, object: _object, ...rest } = value;
      base = { ...base, ...withoutNulls(rest) };
      for (const choice of Array.isArray(said) ? said.filter(isRecord) : []) {
        const { index } = choice;
        const place = typeof index === 'number' ? index : 0;
        choices.set(place, withChoice(choices.get(place), choice, place));
      }
    },
  });
  return {
    alive: PADDING,
    feed(bytes) {
      parser.feed(decoder.decode(bytes, { stream: true }));
      return held;
    },
    end() {
      parser.feed(`${decoder.decode()}\n\n`);
      if (failed) return JSON.stringify(failed);
      if (verdictOf(tally, false) !== 'complete') throw new Error('The answer is not whole.');
      const inOrder = [...choices].toSorted(([one], [other]) => one - other);
      return JSON.stringify({
        // OpenRouter's client wants it in an answer.
        system_fingerprint: null,
        ...base,
        object: 'chat.completion',
        choices: inOrder.map(([, choice]) => choice),
      });
    },
  };
}

function withChoice(known: Fields | undefined, choice: Fields, index: number): Fields {
  const { delta, message, ...rest } = choice;
  const said = isRecord(delta) ? delta : isRecord(message) ? message : {};
  const before = known?.['message'];
  return {
    finish_reason: null,
    ...known,
    ...withoutNulls(rest),
    ...(isRecord(rest['logprobs']) && {
      logprobs: mergedMessage(
        isRecord(known?.['logprobs']) ? known['logprobs'] : {},
        rest['logprobs'],
      ),
    }),
    index,
    message: mergedMessage(isRecord(before) ? before : { role: 'assistant', content: null }, said),
  };
}
