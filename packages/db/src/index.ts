export { connect } from './connect.ts';
export type { Database } from './database.ts';
export { callerSnapshot, type CallerSnapshot } from './queries/caller-snapshot.ts';
export { hasPaid } from './queries/has-paid.ts';
export { recordFreeModelUse } from './queries/record-free-model-use.ts';
export { settle, type SettleOutcome } from './queries/settle.ts';
export { tokenPepper } from './queries/token-pepper.ts';
export type { SettledExchange } from './usage-record.ts';
