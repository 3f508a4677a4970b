import type { Reporter, TestModule } from 'vitest/node';
import type { Bill } from './bill.ts';

/** Prints at the end what each client has done, and was billed. */
export const billReporter: Reporter = {
  onTestRunEnd(modules) {
    const bills = modules.flatMap((module) => billsOf(module));
    if (bills.length > 0) process.stdout.write(`\n${tableOf(bills)}\n`);
  },
};

const billsOf = (module: TestModule): readonly Bill[] =>
  [...module.children.allTests()].flatMap((test) => test.meta().bills ?? []);

const columns = ['client', 'task', 'requests', 'billed µ$', 'price µ$', ''] as const;

function tableOf(bills: readonly Bill[]): string {
  const rows = bills.map((bill) => [
    `${bill.client} ${bill.version}`,
    bill.task,
    String(bill.requests),
    String(bill.billed),
    String(bill.price),
    verdictOf(bill),
  ]);
  const widths = columns.map((name, at) =>
    Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) =>
        /^\d+$/.test(cell) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [columns, ...rows].map(line).join('\n');
}

function verdictOf({ paidBy, billed, price }: Bill): string {
  if (paidBy === 'house') return billed === 0 ? 'free' : 'DIFFERENT';
  return billed === price ? 'equal' : 'DIFFERENT';
}
