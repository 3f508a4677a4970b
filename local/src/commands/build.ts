import { bundle, workerNames } from '../workerd/workers.ts';

// `npm run build`: what is deployed, in `dist/`.

for (const name of workerNames) console.log(await bundle(name, `dist/${name}`));
