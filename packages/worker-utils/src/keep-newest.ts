/** Keeps a value as the newest of a map, and forgets the oldest beyond so many: what an isolate remembers must not grow for ever. */
export function keepNewest<Key, Value>(
  map: Map<Key, Value>,
  entry: readonly [Key, Value],
  entriesMax: number,
): void {
  const [key, value] = entry;
  // A key that is set again stays where it was, unless it goes first.
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > entriesMax && oldest !== undefined) map.delete(oldest);
}
