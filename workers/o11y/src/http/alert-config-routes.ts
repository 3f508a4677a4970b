import type { Intake } from '@gateway/worker-utils/read-within';
import type { Instant } from '@gateway/worker-utils/time';
import { type Context, Hono } from 'hono';
import type { z } from 'zod';
import { parsedBody } from './parsed-body.ts';

/** Where configurations of one kind are kept. */
export type ConfigStore<Input> = {
  readonly list: () => Promise<readonly Stored<Input>[]>;
  readonly upsert: (config: Stored<Input>) => Promise<void>;
  readonly remove: (model: string) => Promise<void>;
};
type Stored<Input> = Input & { readonly updatedAt: string };

type Options<Needs, Input> = {
  readonly schema: z.ZodType<Input>;
  readonly storeOf: (needs: Needs) => ConfigStore<Input>;
};

/** GET, PUT and DELETE of one kind of configuration. */
export function alertConfigRoutes<
  Needs extends {
    readonly clock: { readonly now: () => Instant };
    readonly intake: Intake;
  },
  Input,
>({ schema, storeOf }: Options<Needs, Input>): Hono<{ Bindings: Needs }> {
  const routes = new Hono<{ Bindings: Needs }>();

  routes.get('/', async (context) => {
    const configs = await storeOf(context.env).list();
    return context.json({ success: true, configs });
  });

  routes.put('/', async (context) => {
    const input = await parsedBody(context.req.raw, schema, context.env.intake);
    if (!input.ok) return input.error;
    const updatedAt = new Date(context.env.clock.now()).toISOString();
    const config = { ...input.value, updatedAt };
    await storeOf(context.env).upsert(config);
    return context.json({ success: true, config });
  });

  routes.delete('/', async (context) => {
    const model = modelOf(context);
    if (model === null) return modelRequired(context);
    await storeOf(context.env).remove(model);
    return context.json({ success: true });
  });

  return routes;
}

export const modelOf = (context: Context): string | null =>
  context.req.query('model')?.trim() || null;

export const modelRequired = (context: Context): Response =>
  context.json({ success: false, error: 'model is required' }, 400);
