import { parseJson } from '@gateway/worker-utils/json';
import { z } from 'zod';
import type { Sink } from './sink.ts';

const Event = z.looseObject({
  level: z.string(),
  message: z.string().optional(),
  tags: z.record(z.string(), z.unknown()).default({}),
  extra: z.record(z.string(), z.unknown()).default({}),
});

/** The events in the envelopes that a sink took in Sentry's place. */
export const sentryEvents = (sink: Sink): readonly z.infer<typeof Event>[] =>
  sink.received().flatMap(({ text }) =>
    text.split('\n').flatMap((line) => {
      const json = parseJson(line);
      const event = Event.safeParse(json.ok ? json.value : null);
      return event.success ? [event.data] : [];
    }),
  );

export const sentryDsn = (sink: Sink): string => `http://public@${new URL(sink.url).host}/1`;
