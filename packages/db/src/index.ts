export { accountProfile, type AccountProfile } from './queries/account-profile.ts';
export { connect } from './connect.ts';
export { attemptCounts } from './queries/attempt-counts.ts';
export { beginTopUp } from './queries/begin-top-up.ts';
export { BONUS_CATEGORY } from './queries/commit-bonus.ts';
export type { Database } from './database.ts';
export type { CallerSnapshot, CustomLlm, OwnKey } from './queries/caller-snapshot.ts';
export { currentSnapshot } from './queries/current-snapshot.ts';
export { type BonusOutcome, issueKiloPassBonus } from './queries/issue-kilo-pass-bonus.ts';
export { hasPaid } from './queries/has-paid.ts';
export { modelHosts } from './queries/model-hosts.ts';
export { payerAccount, type PayerAccount } from './queries/payer-account.ts';
export { providersModels } from './queries/providers-models.ts';
export { recordFreeModelUse } from './queries/record-free-model-use.ts';
export { recordRequest } from './queries/record-request.ts';
export { reportedUser } from './queries/reported-user.ts';
export { sessionAccount } from './queries/session-account.ts';
export { deleteSessions, sessionFamily } from './queries/session-delete.ts';
export { createSession, sessionExists, upsertCloudAgentSession } from './queries/session-rows.ts';
export {
  revokeShare,
  sharedSession,
  shareSession,
  unshareSession,
} from './queries/session-share.ts';
export {
  type SessionChange,
  type SessionUpdateOutcome,
  updateSession,
} from './queries/session-update.ts';
export { type LookupMemory } from './queries/resolve-lookups.ts';
export { settle, type SettleOutcome } from './queries/settle.ts';
export { EXCHANGES_MAX, type WriteResult } from './queries/settle-exchanges.ts';
export { releaseConfig, turnOffTopUp } from './queries/top-up-rows.ts';
export { readsWhatItWrote } from './queries/reads-what-it-wrote.ts';
export { recallPhases, rememberPhase } from './queries/temp-phases.ts';
export { type SettledRow, settledSince, strayAttempts } from './queries/settled-since.ts';
export { tokenPepper } from './queries/token-pepper.ts';
export { SettledExchange } from './settled-exchange.ts';
