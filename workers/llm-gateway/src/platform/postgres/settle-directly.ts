import { type Database, settle } from '@gateway/db';
import { consequencesOf } from '../../billing/consequences/consequences-of.ts';
import { performConsequences } from '../../billing/consequences/perform-consequences.ts';
import type { Report } from '../../reporting/reports/report.ts';
import { missingPayerReport, quarantinedReport } from '../../billing/ledger/settlement-reports.ts';
import { usageRecordOf } from '../../billing/settlement/usage-record.ts';
import type { Settlement } from '../../billing/settlement/settlement.ts';

type Needs = {
  readonly lend: <T>(work: (database: Database) => Promise<T>) => Promise<T>;
  readonly performers: Parameters<typeof performConsequences>[1];
  readonly report: (report: Report) => Promise<void>;
};

/** Settles past a ledger that can't be reached. When it can be again, it may settle the same once more: that is harmless. */
export const directSettlerOf =
  ({ lend, performers, report }: Needs) =>
  async (settlement: Settlement): Promise<void> => {
    const record = usageRecordOf(settlement);
    const { landings, parked } = await lend((database) => settle(database, [record]));
    for (const one of parked) await report(quarantinedReport(one));
    for (const landing of landings) {
      const missing = missingPayerReport(record, landing);
      if (missing) await report(missing);
      await performConsequences(consequencesOf(settlement, landing), performers);
    }
  };
