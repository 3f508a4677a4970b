import { byteBudget } from './byte-budget.ts';
import { pause } from './pause.ts';
import { type Intake, UNFINISHED_BYTES_MAX } from './read-within.ts';

/** How the bodies of this isolate are taken in: all of them share its memory. */
export const systemIntake: Intake = { pause, unfinished: byteBudget(UNFINISHED_BYTES_MAX) };
