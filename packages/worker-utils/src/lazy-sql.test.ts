import { expect, test } from 'vitest';
import { lazySql } from './lazy-sql.ts';
import { nodeSql } from './testing/node-sql.ts';

const TABLES = 'SELECT name FROM sqlite_master';
const open = (sql = nodeSql()) => {
  const lazy = lazySql(sql);
  lazy.all('CREATE TABLE IF NOT EXISTS kept (id INTEGER PRIMARY KEY)');
  return { sql, lazy };
};

test('makes no table for what only reads and deletes', () => {
  const { sql, lazy } = open();
  expect(lazy.all('SELECT * FROM kept')).toEqual([]);
  expect(lazy.all('DELETE FROM kept')).toEqual([]);
  expect(sql.all(TABLES)).toEqual([]);
});

test('makes the tables with the first row', () => {
  const { sql, lazy } = open();
  lazy.all('\nINSERT INTO kept VALUES (?)', 1);
  expect(lazy.all('SELECT id FROM kept')).toEqual([{ id: 1 }]);
  expect(open(sql).lazy.all('SELECT id FROM kept')).toEqual([{ id: 1 }]);
});

test('makes them anew after all was deleted', () => {
  const { sql, lazy } = open();
  lazy.all('INSERT INTO kept VALUES (1)');
  sql.all('DROP TABLE kept');
  lazy.emptied();
  expect(lazy.all('SELECT id FROM kept')).toEqual([]);
  expect(sql.all(TABLES)).toEqual([]);
  lazy.all('INSERT INTO kept VALUES (2)');
  expect(lazy.all('SELECT id FROM kept')).toEqual([{ id: 2 }]);
});
