import { isRecord } from '../../request/chat-request.ts';
import type { Delivered } from './delivered.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Where one answer has broken off and another goes on: the client gets one. */
export type Stitch = {
  /** What the client gets for a chunk of the second. Null: nothing. */
  readonly join: (chunk: Fields) => Fields | null;
  /** The second does not go on with the first. */
  readonly hasDiverged: () => boolean;
};

/** So much alike, the second answer is one from the beginning. */
const ALIKE_CHARACTERS = 32;
/** Of less, nobody can say whether it is said again or goes on. */
const ALIKE_CHARACTERS_MIN = 4;

/** @param begun what the second was asked to go on with. Null: it begins at its beginning, and the client had seen nothing. */
export function stitchOf(shown: Delivered, begun: string | null): Stitch {
  const spoken = begun === null ? null : continuationOf(begun);
  return {
    join(chunk) {
      const named = { ...chunk, ...shown.identity };
      const { choices } = chunk;
      if (!Array.isArray(choices) || choices.length === 0) return named;
      const joined = choices.filter(isRecord).map((choice) => joinedChoice(choice, shown, spoken));
      if (spoken?.hasDiverged() === true) return null;
      const isEmpty = joined.every(isEmptyChoice) && !isRecord(chunk['usage']) && !chunk['error'];
      return isEmpty ? null : { ...named, choices: joined };
    },
    hasDiverged: () => spoken?.hasDiverged() ?? false,
  };
}

function joinedChoice(choice: Fields, shown: Delivered, spoken: Continuation | null): Fields {
  const { delta, finish_reason: finish } = choice;
  if (!isRecord(delta)) return choice;
  const isLast = finish !== null && finish !== undefined;
  const told = withoutSaid(delta, shown, spoken !== null);
  const { content } = told;
  if (!spoken || (typeof content !== 'string' && !isLast)) return { ...choice, delta: told };
  const text = spoken.go(typeof content === 'string' ? content : '', isLast);
  return { ...choice, delta: { ...told, content: text } };
}

/** Who speaks has been told. What was thought before the rest of a text has no place after its beginning. */
function withoutSaid(
  delta: Fields,
  { hasRole, hasReasoning }: Delivered,
  isContinuation: boolean,
): Fields {
  const {
    role,
    reasoning,
    reasoning_content: content,
    reasoning_details: details,
    ...rest
  } = delta;
  return {
    ...(role !== undefined && !hasRole && { role }),
    ...rest,
    ...(!isContinuation && {
      ...(reasoning !== undefined && { reasoning }),
      ...(content !== undefined && { reasoning_content: content }),
      ...(details !== undefined && {
        reasoning_details: hasReasoning ? unsigned(details) : details,
      }),
    }),
  };
}

/** A client holds two thoughts as one then, which the signature of the second does not fit: the next turn would be refused. */
const unsigned = (details: unknown): unknown =>
  Array.isArray(details)
    ? details.map((detail: unknown) => {
        if (!isRecord(detail)) return detail;
        const { signature: _signature, ...rest } = detail;
        return rest;
      })
    : details;

function isEmptyChoice({ delta, finish_reason: finish }: Fields): boolean {
  if (finish !== null && finish !== undefined) return false;
  return (
    !isRecord(delta) ||
    Object.values(delta).every(
      (value) =>
        value === null ||
        value === undefined ||
        value === '' ||
        (Array.isArray(value) && value.length === 0),
    )
  );
}

type Continuation = {
  /** What is new in a piece of text. */
  readonly go: (piece: string, isLast: boolean) => string;
  readonly hasDiverged: () => boolean;
};

/**
 * What a text adds to one that was begun. It was asked to go on where the white space at the end was cut off, which it may say
 * again; and one that says all of it again is cut where it becomes new.
 */
function continuationOf(begun: string): Continuation {
  const alike = Math.min(ALIKE_CHARACTERS, begun.length);
  let state: 'unknown' | 'repeating' | 'going-on' | 'torn' =
    begun.length < ALIKE_CHARACTERS_MIN ? 'going-on' : 'unknown';
  /** Held until it is known which of the two it is. */
  let held = '';
  /** So much has been said again. */
  let repeated = 0;
  let spaceLeft = begun.slice(begun.trimEnd().length);

  const unsaid = (text: string): string => {
    let at = 0;
    while (at < text.length && at < spaceLeft.length && text[at] === spaceLeft[at]) at += 1;
    // Only what comes first can be said again.
    spaceLeft = at === text.length ? spaceLeft.slice(at) : '';
    return text.slice(at);
  };
  const decide = (): void => {
    const compared = Math.min(held.length, alike);
    if (held.slice(0, compared) !== begun.slice(0, compared)) state = 'going-on';
    else if (compared === alike) state = 'repeating';
  };
  const repeat = (text: string, isLast: boolean): string => {
    const expected = begun.slice(repeated, repeated + text.length);
    repeated += expected.length;
    const isAll = repeated === begun.length;
    if (!text.startsWith(expected) || (isLast && !isAll)) state = 'torn';
    else if (isAll) {
      state = 'going-on';
      spaceLeft = '';
      return text.slice(expected.length);
    }
    return '';
  };
  return {
    go(piece, isLast) {
      const text = held + piece;
      held = '';
      if (state === 'unknown') {
        held = text;
        decide();
        if (state === 'unknown' && !isLast) return '';
        held = '';
      }
      switch (state) {
        case 'unknown':
        case 'going-on':
          return unsaid(text);
        case 'repeating':
          return repeat(text, isLast);
        case 'torn':
          return '';
      }
    },
    hasDiverged: () => state === 'torn',
  };
}
