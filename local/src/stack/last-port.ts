import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const Port = z.coerce.number().int().min(0).max(65_535).catch(0);
const fileIn = (folder: string): string => join(folder, 'port');

/** The port of the last run, or 0: a tool that was pointed at it still finds it after a restart. */
export const lastPort = (folder: string): number =>
  existsSync(fileIn(folder)) ? Port.parse(readFileSync(fileIn(folder), 'utf8')) : 0;

export const keepPort = (folder: string, port: number): void =>
  writeFileSync(fileIn(folder), String(port));
