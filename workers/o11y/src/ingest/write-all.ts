/**
 * Writes to every place, whatever becomes of the others, and only then says what failed: the caller is told, and nothing
 * that could be kept is lost.
 */
export async function writeAll(
  writes: Readonly<Record<string, () => Promise<void> | void>>,
): Promise<void> {
  const settled = await Promise.allSettled(
    Object.entries(writes).map(async ([place, write]) => {
      try {
        await write();
      } catch (cause) {
        throw new Error(`Writing to ${place} failed`, { cause });
      }
    }),
  );
  const errors = settled.flatMap((result): unknown[] =>
    result.status === 'rejected' ? [result.reason] : [],
  );
  if (errors.length > 0) throw new AggregateError(errors, 'Some metrics were not written');
}
