import { expect, test } from 'vitest';
import { byteBudget } from './byte-budget.ts';

test('revokes the oldest holding when the next bytes do not fit', async () => {
  const budget = byteBudget(100);
  const [first, second] = [budget.open(), budget.open()];
  first.hold(60);
  second.hold(40);
  expect([first.isRevoked(), second.isRevoked()]).toEqual([false, false]);
  second.hold(41);
  expect([first.isRevoked(), second.isRevoked()]).toEqual([true, false]);
  await expect(first.revoked).resolves.toBe('revoked');
});

test('ignores what a revoked holding still reports', () => {
  const budget = byteBudget(100);
  const [first, second] = [budget.open(), budget.open()];
  first.hold(60);
  second.hold(60);
  first.hold(1000);
  first.release();
  second.hold(100);
  expect(second.isRevoked()).toBe(false);
});

test('gives the bytes of a released holding to others', () => {
  const budget = byteBudget(100);
  const [first, second] = [budget.open(), budget.open()];
  first.hold(100);
  first.release();
  second.hold(100);
  expect([first.isRevoked(), second.isRevoked()]).toEqual([false, false]);
});

test('revokes a holding that alone is larger than the budget', () => {
  const holding = byteBudget(100).open();
  holding.hold(101);
  expect(holding.isRevoked()).toBe(true);
});

test('spares a holding that has no bytes to free', () => {
  const budget = byteBudget(100);
  const [empty, full] = [budget.open(), budget.open()];
  full.hold(101);
  expect([empty.isRevoked(), full.isRevoked()]).toEqual([false, true]);
});
