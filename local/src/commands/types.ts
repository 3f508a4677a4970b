import { makeTypes } from './deploy-check/generated-types.ts';
import { workerNames } from '../workerd/workers.ts';

// `npm run types`: the types of what each worker is given, after its `wrangler.jsonc` has changed.

for (const name of workerNames) console.log(await makeTypes(name));
