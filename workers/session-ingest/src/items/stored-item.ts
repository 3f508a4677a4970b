import type { Item } from './item.ts';
import { itemId } from './item-id.ts';
import { itemRevision } from './item-revision.ts';
import { type SessionMetadata, sessionMetadata } from './session-metadata.ts';

/** An item as it travels to the session's object and is kept there: read once, at the edge. */
export type StoredItem = {
  readonly id: string;
  readonly type: Item['type'];
  /** Of a message or a part: the message. */
  readonly messageId: string | null;
  readonly revision: number;
  /** What it says of the session's row. */
  readonly metadata: SessionMetadata;
  /** JSON. */
  readonly data: string;
};

export const storedItem = (item: Item): StoredItem => ({
  id: itemId(item),
  type: item.type,
  messageId: messageIdOf(item),
  revision: itemRevision(item),
  metadata: sessionMetadata(item),
  data: JSON.stringify(item.data),
});

function messageIdOf(item: Item): string | null {
  if (item.type === 'message') return item.data.id;
  return item.type === 'part' ? item.data.messageID : null;
}
