import { isRecord } from '../../request/chat-request.ts';

/** How an answer calls itself. Whatever goes on with it goes by the same names. */
export type Identity = {
  readonly id: string;
  readonly created: number;
  readonly model: string;
};

/** What a client has seen of an answer, as far as it decides what can still be done when that breaks off. */
export type Delivered = {
  /** Of its first event. Null: there was none. */
  readonly identity: Identity | null;
  readonly hasRole: boolean;
  /** Reasoning that nobody has signed: whoever thinks again may show it again. */
  readonly hasReasoning: boolean;
  /** Null: more than is remembered. */
  readonly text: string | null;
  /** Something that no other answer can go on with: a tool call, reasoning that is signed, a second choice, an end. */
  readonly isUnresumable: boolean;
};

/** Watches what is shown. It changes with every event of every stream: it is not copied each time. */
export type DeliveryWatcher = {
  readonly see: (chunk: unknown) => void;
  /** The stream has said that it is at its end. */
  readonly close: () => void;
  readonly delivered: () => Delivered;
};

/** A longer answer is not begun again by anybody: to read it costs more than it is worth. */
const TEXT_CHARACTERS_MAX = 256 * 1024;

/** @param keepsText whether anybody could go on with it: only then is it worth its memory. */
export function deliveryWatcher({ keepsText }: { readonly keepsText: boolean }): DeliveryWatcher {
  let identity: Identity | null = null;
  let text = '';
  let isTextKept = true;
  let hasRole = false;
  let hasThought = false;
  let isBound = false;

  const seeText = (content: string) => {
    isTextKept &&= keepsText && text.length + content.length <= TEXT_CHARACTERS_MAX;
    text = isTextKept ? text + content : '';
  };
  const seeDelta = (delta: Fields) => {
    for (const [name, value] of Object.entries(delta)) {
      if (isNothing(value)) continue;
      if (name === 'content' && typeof value === 'string') seeText(value);
      else if (name === 'role') hasRole = true;
      else if (name === 'reasoning' || name === 'reasoning_content') hasThought = true;
      else if (name === 'reasoning_details') {
        if (isSigned(value)) isBound = true;
        else hasThought = true;
      } else if (name !== 'provider_metadata') isBound = true;
    }
  };
  return {
    see(chunk) {
      if (!isRecord(chunk)) return;
      identity ??= identityIn(chunk);
      const { choices } = chunk;
      if (!Array.isArray(choices)) return;
      for (const choice of choices) {
        if (!isRecord(choice)) continue;
        if (Boolean(choice['index']) || !isNothing(choice['finish_reason'])) isBound = true;
        if (isRecord(choice['delta'])) seeDelta(choice['delta']);
      }
    },
    close() {
      isBound = true;
    },
    delivered: () => ({
      identity,
      hasRole,
      hasReasoning: hasThought,
      text: isTextKept ? text : null,
      isUnresumable: isBound,
    }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

const isNothing = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && !value.length);

/** What proves where a thought comes from can't be told twice, nor taken back. */
const isSigned = (details: unknown): boolean =>
  Array.isArray(details) &&
  details.filter(isRecord).some(({ signature, data }) => Boolean(signature) || Boolean(data));

function identityIn({ id, created, model }: Fields): Identity | null {
  if (typeof id !== 'string' || id === '') return null;
  return {
    id,
    created: typeof created === 'number' ? created : 0,
    model: typeof model === 'string' ? model : '',
  };
}

/** From where another answer would have to go on: a text, or null for the beginning. Undefined: from nowhere. */
export function resumePointOf({ text, isUnresumable }: Delivered): string | null | undefined {
  if (isUnresumable || text === null) return undefined;
  return text.trim() === '' ? null : text;
}
