import type { ModelBase, ModelId } from '@gateway/worker-utils/ids';
import type { Authorized, Composed, PayerChosen, Reserved, Target } from '../exchange/exchange.ts';
import { sponsoredModel } from '../catalog/models/model.ts';
import type { Refusal } from '../exchange/refusal.ts';
import type { ExchangeResult } from '../response/exchange-result.ts';
import { emptyAccumulator } from '../response/usage-accumulator.ts';
import { authorize } from './stages/authorize.ts';
import { resolveModel } from './stages/resolve-model.ts';
import { matchByok } from './stages/match-byok.ts';
import { choosePayer } from './stages/choose-payer.ts';
import { identify } from './stages/identify.ts';
import { parse } from './stages/parse.ts';
import { receive } from './stages/receive.ts';
import { route } from './stages/route.ts';
import { throttle } from './stages/throttle.ts';
import type { Executed, execute } from './execute.ts';
import { pipeline } from './stage.ts';

// What must not compile. `npm run check` reads this file; nothing runs it.

declare const funded: PayerChosen;
declare const composed: Composed;
declare const reserved: Reserved;
declare const base: ModelBase;
declare const now: ExchangeResult['endedAt'];

const untilClassified = pipeline(receive).to(parse).to(resolveModel);
const untilIdentified = untilClassified.to(throttle).to(identify);
const untilFunded = untilIdentified.to(matchByok).to(choosePayer);

// @ts-expect-error -- Money would be asked of who brings a key.
export const unequipped = untilIdentified.to(choosePayer);
export const inOrder = untilFunded.to(authorize).to(route);
// @ts-expect-error -- A route can't be chosen before policy has said yes.
export const unadmitted = untilFunded.to(route);
// @ts-expect-error -- Identify before throttle would let a flood of free requests reach the database.
export const unthrottled = untilClassified.to(identify);

// @ts-expect-error -- Only admit.ts can make a grant.
export const forgedGrant: Authorized = { ...funded, grant: {} };
// @ts-expect-error -- Only reserve.ts can make a reservation.
export const forgedReservation: Reserved = { ...composed, reservation: {} };

// @ts-expect-error -- A refusal without words does not get past the one place that words them.
export const wordsFor = (refusal: Refusal): string => {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- That it is not is what is shown.
  switch (refusal.kind) {
    case 'path-unknown':
      return 'Invalid path';
  }
};

type Conclude = (...reserved: Parameters<typeof execute>) => Promise<Executed>;
// @ts-expect-error -- What is reserved can't become a response without a reading to settle it by.
export const unsettled: Conclude = async () => ({ exchange: reserved, response: new Response() });
// @ts-expect-error -- Only relay can make a reading.
export const forgedReading: ExchangeResult = {
  accumulated: emptyAccumulator,
  ending: 'complete',
  status: 200,
  headersAt: now,
  endedAt: now,
  errorText: null,
  replyText: null,
};

// @ts-expect-error -- A provider that is not in the registry is nowhere to go.
export const unheardOf: Target = { kind: 'platform', provider: 'unheard-of' };
export const hostedNowhere = sponsoredModel({
  id: 'vendor/model:free',
  name: 'A model',
  // @ts-expect-error -- Nor is it where a free model could be hosted.
  provider: 'unheard-of',
  upstreamId: 'vendor/model',
  requiredProviders: [],
  contextTokens: 1,
  outputTokensMax: 1,
  flags: [],
  state: 'offered',
});

const freeModels = new Map<ModelId, string>();
// @ts-expect-error -- A model id that has been cut is no key of a table of models.
export const cut = freeModels.get(base);
