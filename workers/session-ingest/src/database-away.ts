/** Postgres can't be reached: nobody's fault, and worth another try. */
export class DatabaseAway extends Error {
  override readonly name = 'DatabaseAway';
}
