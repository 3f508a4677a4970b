import type { Item } from './item.ts';

/** Of two items with the same id, one is kept. */
export function itemId(item: Item): string {
  switch (item.type) {
    case 'message':
      return `message/${item.data.id}`;
    case 'part':
      return `${item.data.messageID}/${item.data.id}`;
    case 'session':
    case 'session_diff':
    case 'model':
    case 'kilo_meta':
    case 'session_open':
    case 'session_close':
      return item.type;
  }
}
