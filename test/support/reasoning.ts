import { bodyOf, type Delivered } from '@gateway/local/simulator';
import { parseJson } from '@gateway/worker-utils/json';
import { z } from 'zod';

// What the model has thought, with its proof (a signature, or the whole of it encrypted). The provider wants it back next turn.

const Detail = z.looseObject({ index: z.number().optional(), text: z.string().optional() });
type Detail = z.infer<typeof Detail>;
const Said = z.looseObject({ reasoning_details: z.array(Detail).optional() });
const Body = z.looseObject({
  choices: z.array(z.looseObject({ message: Said.optional(), delta: Said.optional() })),
});

/** What an answer said, as whoever has read a stream of it to the end puts it together. */
export function detailsSaid(entry: Delivered): readonly Detail[] {
  const pieces = jsonIn(bodyOf(entry).toString()).flatMap((json) => {
    const body = Body.safeParse(json);
    const choice = body.data?.choices[0];
    return (choice?.message ?? choice?.delta)?.reasoning_details ?? [];
  });
  return pieces.reduce<readonly Detail[]>(joined, []);
}

/** The pieces of a text are one text, which the last one signs. */
function joined(details: readonly Detail[], piece: Detail): readonly Detail[] {
  const last = details.at(-1);
  if (last?.text === undefined || piece.text === undefined) return [...details, piece];
  return [...details.slice(0, -1), { ...last, ...piece, text: last.text + piece.text }];
}

const jsonIn = (text: string): readonly unknown[] =>
  (text.startsWith('{')
    ? [text]
    : text.split('\n').map((line) => line.replace('data: ', ''))
  ).flatMap((line) => {
    const json = parseJson(line);
    return json.ok ? [json.value] : [];
  });

/** What a request gives back, an answer an element. */
export const detailsSent = ({ body }: Delivered): readonly (readonly Detail[])[] =>
  (body?.messages ?? []).flatMap((message) => {
    const { reasoning_details } = Said.parse(message);
    return message.role === 'assistant' && reasoning_details ? [reasoning_details] : [];
  });
