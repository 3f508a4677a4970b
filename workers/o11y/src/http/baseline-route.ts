import type { Context, Handler } from 'hono';
import { ModelName } from '../alerting/model-name.ts';
import { modelOf, modelRequired } from './alert-config-routes.ts';

/** A model that could not be named safely in a query is refused like one that is not named. */
export const baselineRoute =
  <Needs extends object>(
    baseline: (needs: Needs, model: string) => Promise<object | null>,
  ): Handler<{ Bindings: Needs }> =>
  async (context: Context<{ Bindings: Needs }>) => {
    const named = modelOf(context);
    if (named === null) return modelRequired(context);
    const model = ModelName.safeParse(named);
    if (!model.success) {
      const body = { success: false, error: 'Invalid model', issues: model.error.issues };
      return Response.json(body, { status: 400 });
    }
    return context.json({ success: true, baseline: await baseline(context.env, model.data) });
  };
