import { prepareDatabase } from '@gateway/db/migrate';

// `npm run migrate`: makes the database that DATABASE_URL names fit for what is deployed, and plants nobody.

const { DATABASE_URL: databaseUrl } = process.env;
if (!databaseUrl) {
  console.error('Set DATABASE_URL to the database.');
  process.exit(1);
}
const prepared = await prepareDatabase(databaseUrl);
if (prepared.kind === 'different') {
  const list = prepared.differences.map((difference) => `  - ${difference}`).join('\n');
  console.error(`The tables of the host application differ from what the workers need:\n${list}`);
  process.exit(1);
}
console.log('The database is ready.');
