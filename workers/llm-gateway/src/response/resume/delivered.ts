import { isRecord } from '../../request/chat-request.ts';

/** The id and names of an answer. Its continuation uses the same ones. */
export type Identity = {
  readonly id: string;
  readonly created: number;
  readonly model: string;
};

/** What the client has received of an answer, as far as it decides whether a broken answer can be resumed. */
export type Delivered = {
  /** Taken from the first event. Null if there was none. */
  readonly identity: Identity | null;
  readonly hasRole: boolean;
  /** Unsigned reasoning: another attempt may send it again. */
  readonly hasReasoning: boolean;
  /** Null if longer than the limit. */
  readonly text: string | null;
  /** Content that no other answer can continue: a tool call, signed reasoning, a second choice, an end. */
  readonly isUnresumable: boolean;
};

/** Tracks what was delivered. Deliberately mutable: it changes with every event of every stream. */
export type DeliveryWatcher = {
  readonly see: (chunk: unknown) => void;
  /** The stream sent its end marker. */
  readonly close: () => void;
  readonly delivered: () => Delivered;
};

/** Longer answers are never resumed: reading the prefix again costs more than it saves. */
const TEXT_CHARACTERS_MAX = 256 * 1024;

/** @param keepsText whether another attempt could resume the answer. Otherwise the text is not worth its memory. */
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

/** A signature proves the origin of reasoning, so it can be neither repeated nor withdrawn. */
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

/** Where another attempt must continue: after this text, or from the start (null). Undefined if it cannot. */
export function resumePointOf({ text, isUnresumable }: Delivered): string | null | undefined {
  if (isUnresumable || text === null) return undefined;
  return text.trim() === '' ? null : text;
}
