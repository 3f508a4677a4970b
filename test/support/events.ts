import { parseJson } from '@gateway/worker-utils/json';
import { z } from 'zod';

// What opencode, and the Kilo CLI after it, write with `--format json`: an event a line.

const Event = z.looseObject({
  type: z.string(),
  sessionID: z.string().optional(),
  part: z.looseObject({ text: z.string().optional() }).optional(),
});
type Event = z.infer<typeof Event>;

export const eventsIn = (output: string): readonly Event[] =>
  output.split('\n').flatMap((line) => {
    const json = parseJson(line);
    const event = Event.safeParse(json.ok ? json.value : null);
    return event.success ? [event.data] : [];
  });

export const textsIn = (output: string): string =>
  eventsIn(output)
    .flatMap(({ type, part }) => (type === 'text' ? [part?.text ?? ''] : []))
    .join('');
