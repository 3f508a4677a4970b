import { authorize } from './stages/authorize.ts';
import { resolveModel } from './stages/resolve-model.ts';
import { compose } from './stages/compose.ts';
import { matchByok } from './stages/match-byok.ts';
import { choosePayer } from './stages/choose-payer.ts';
import { identify } from './stages/identify.ts';
import { parse } from './stages/parse.ts';
import { receive } from './stages/receive.ts';
import { reserve } from './stages/reserve.ts';
import { route } from './stages/route.ts';
import { throttle } from './stages/throttle.ts';
import { rechecked } from './rechecked.ts';
import { pipeline } from './stage.ts';

/** What the caller's snapshot has a say in. Nothing is counted or held here. */
const decision = pipeline(identify) // who asks?
  .to(matchByok) // with keys of their own?
  .to(choosePayer) // who pays?
  .to(authorize) // may they?
  .to(route) // which upstreams, in which order?
  .to(compose); // the exact upstream requests

/** All that may refuse. What comes after can't: see `conclude`. */
export const chatCompletion = pipeline(receive) // bytes in, within limits
  .to(parse) // the request
  .to(resolveModel) // which model is meant, and is it free?
  .to(throttle) // before identify: a flood must not reach the database
  .through(rechecked(decision))
  .to(reserve); // the last word: a turn is taken
