export * from './credits.ts';
export * from './keys.ts';
export * from './kilo-pass.ts';
export * from './lookups.ts';
export * from './organizations.ts';
export * from './sessions.ts';
export * from './usage.ts';
export * from './users.ts';
