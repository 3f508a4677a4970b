import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: './src/schema/gateway.ts',
  schemaFilter: ['gateway'],
  out: './migrations/gateway',
});
