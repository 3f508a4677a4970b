import { authorize } from './stages/authorize.ts';
import { classifyFim } from './stages/classify-fim.ts';
import { composeFim } from './stages/compose-fim.ts';
import { matchByokFim } from './stages/match-byok-fim.ts';
import { choosePayer } from './stages/choose-payer.ts';
import { identify } from './stages/identify.ts';
import { parseFim } from './stages/parse-fim.ts';
import { receive } from './stages/receive.ts';
import { reserve } from './stages/reserve.ts';
import { routeFim } from './stages/route-fim.ts';
import { throttle } from './stages/throttle.ts';
import { rechecked } from './rechecked.ts';
import { pipeline } from './stage.ts';

const decision = pipeline(identify)
  .to(matchByokFim)
  .to(choosePayer)
  .to(authorize)
  .to(routeFim)
  .to(composeFim);

/** A gap in a text is filled by the same rules as a chat is answered: only what is sent, and where to, differs. */
export const fimCompletion = pipeline(receive)
  .to(parseFim)
  .to(classifyFim)
  .to(throttle)
  .through(rechecked(decision))
  .to(reserve);
