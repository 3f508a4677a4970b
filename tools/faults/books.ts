import { ask, type Usage, usageOf, usedBy } from '@gateway/db/inspect';
import { z } from 'zod';
import { answering, type Observed } from './verdict.ts';

const Attempt = z.object({
  usage_id: z.string(),
  provider: z.string(),
  status: z.number().nullable(),
  ending: z.string(),
});
type Attempt = z.infer<typeof Attempt>;

/** What Postgres has of a payer. */
export type Books = {
  readonly used: number | null;
  readonly rows: readonly Usage[];
  readonly attempts: readonly Attempt[];
};

export async function booksOf(databaseUrl: string, payer: string): Promise<Books> {
  const rows = await usageOf(databaseUrl, payer);
  const text = `select a.* from gateway.attempts a join microdollar_usage u on u.id = a.usage_id
    where u.kilo_user_id = $1 order by u.created_at, a.n`;
  return {
    used: await usedBy(databaseUrl, payer),
    rows,
    attempts: await ask(databaseUrl, { text, values: [payer] }, Attempt),
  };
}

const microdollars = (usd: number): number => Math.round(usd * 1_000_000);

/** What a payer owes: of each request, the answer that was got, and nothing for what had failed before it. */
const owed = (observed: readonly Observed[]): number =>
  observed.reduce((sum, { calls }) => sum + microdollars(answering(calls)?.cost ?? 0), 0);

const isCompleted = ({ calls }: Observed): boolean => answering(calls)?.ending === 'complete';

export function bookProblems(books: Books, observed: readonly Observed[]): readonly string[] {
  const { used, rows, attempts } = books;
  const due = owed(observed);
  const charged = rows.reduce((sum, { cost }) => sum + cost, 0);
  const failed = observed.filter((each) => !isCompleted(each)).length;
  // Who breaks off at something that it can't read may, or may not, leave before the end.
  const left = observed.filter((each) => isCompleted(each) && each.saw.failure !== null).length;
  const errors = rows.filter((row) => row.has_error).length;
  const calls = observed.flatMap((each) => each.calls);
  return [
    rows.length !== observed.length && `${rows.length} rows for ${observed.length} requests`,
    used !== due && `charged ${used}, due ${due}`,
    charged !== due && `rows of ${charged}, due ${due}`,
    (errors < failed || errors > failed + left) && 'has_error is wrong',
    attempts.length !== calls.length && `${attempts.length} attempts of ${calls.length} calls`,
    calls.some(({ gateway, status }, index) => {
      const attempt = attempts[index];
      return attempt?.provider !== gateway || (attempt.status ?? 0) !== status;
    }) && 'attempts are not the calls that were made',
  ].filter((problem) => typeof problem === 'string');
}
