import { prepareDatabase } from '@gateway/db/migrate';
import { CannotStart } from '../cannot-start.ts';

/** Makes a database fit for the workers. Where its owner's tables differ from what they need, nothing starts. */
export async function preparedDatabase(url: string) {
  const prepared = await prepareDatabase(url);
  if (prepared.kind !== 'different') return prepared;
  const list = prepared.differences.map((difference) => `  - ${difference}`).join('\n');
  throw new CannotStart(`The database differs from what the gateway needs:\n${list}`);
}
