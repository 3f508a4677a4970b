type SqlValue = string | number | null | Uint8Array;

/** What a table needs of its database: the storage of a Durable Object has it, and so has any other SQLite. */
export type Sql = {
  /** Runs one statement to its end. Rows are unknown until a schema has read them. */
  readonly all: (statement: string, ...bindings: readonly SqlValue[]) => readonly unknown[];
};

/** The SQL of a Durable Object's storage, as far as it is used. */
type Storage = {
  readonly exec: (
    statement: string,
    ...bindings: SqlValue[]
  ) => { readonly toArray: () => unknown[] };
};

export const sqlOf = (storage: Storage): Sql => ({
  all: (statement, ...bindings) => storage.exec(statement, ...bindings).toArray(),
});
