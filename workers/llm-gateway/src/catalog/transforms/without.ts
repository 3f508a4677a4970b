/** A copy without these fields. */
export function without<T extends Readonly<Record<string, unknown>>>(
  record: T,
  names: readonly string[],
): T {
  const copy = { ...record };
  for (const name of names) Reflect.deleteProperty(copy, name);
  return copy;
}
