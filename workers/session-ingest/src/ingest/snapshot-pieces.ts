import type { ItemTable } from './item-table.ts';

/**
 * A session as JSON, piece by piece, without its diffs: `{info, messages: [{info, parts}]}`. One item is in memory at a time.
 * Parts without a message are left out until their message comes.
 */
export function* snapshotPieces(items: ItemTable): Generator<string> {
  yield `{"info":${items.one('session') ?? '{}'},"messages":[`;
  let comma = '';
  for (const message of rows(items, 'message')) {
    yield `${comma}{"info":${message.item_data},"parts":[`;
    comma = ',';
    yield* partPieces(items, message.message_id ?? '');
    yield ']}';
  }
  yield ']}';
}

function* partPieces(items: ItemTable, messageId: string): Generator<string> {
  let comma = '';
  for (const part of rows(items, 'part', messageId)) {
    yield `${comma}${part.item_data}`;
    comma = ',';
  }
}

/** Asks for one row after the other: a cursor would not survive a write between two pieces. */
export function* rows(items: ItemTable, type: string, messageId?: string) {
  let after = '';
  for (;;) {
    const row = items.next({ type, after, ...(messageId !== undefined && { messageId }) });
    if (row === null) return;
    yield row;
    after = row.item_id;
  }
}
