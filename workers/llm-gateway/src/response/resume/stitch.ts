import { isRecord } from '../../request/chat-request.ts';
import type { Delivered } from './delivered.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Joins a broken answer and its continuation into one stream. */
export type Stitch = {
  /** The client's view of a chunk of the second answer. Null to send nothing. */
  readonly join: (chunk: Fields) => Fields | null;
  /** Whether the second answer diverged from the first. */
  readonly hasDiverged: () => boolean;
};

/** With this many characters in common, the second answer repeats the first from its start. */
const ALIKE_CHARACTERS = 32;
/** With fewer, a repetition cannot be told from a continuation. */
const ALIKE_CHARACTERS_MIN = 4;

/** @param begun the text that the second answer was asked to continue. Null if it starts over because the client had received nothing. */
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

/** The client would merge both reasoning blocks, and the second signature would not match: the provider would reject the next turn. */
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
  /** Returns the new part of a piece of text. */
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
  /** Held until repetition and continuation can be told apart. */
  let held = '';
  /** Number of characters repeated so far. */
  let repeated = 0;
  let spaceLeft = begun.slice(begun.trimEnd().length);

  const unsaid = (text: string): string => {
    let at = 0;
    while (at < text.length && at < spaceLeft.length && text[at] === spaceLeft[at]) at += 1;
    // Only the first text of an answer can be a repetition.
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
