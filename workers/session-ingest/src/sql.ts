type SqlValue = string | number | null;

/** What a table needs of its database: the storage of a Durable Object has it, and so has any other SQLite. */
export type Sql = {
  /** Runs one statement to its end. Rows are unknown until a schema has read them. */
  readonly all: (statement: string, ...bindings: readonly SqlValue[]) => readonly unknown[];
};
