import { z } from 'zod';
import gateway from '../index.ts';

// The gateway beside a second isolate: a test plays that one, and tells and asks the objects what it would. Deployed nowhere.

export * from '../index.ts';

const PATH = '/testing/circuits';
const Asked = z.object({
  place: z.string(),
  news: z.enum(['opened', 'probing', 'closed']).nullable(),
});

export default {
  async fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    if (new URL(request.url).pathname !== PATH) return gateway.fetch(request, env, context);
    const { place, news } = Asked.parse(await request.json());
    const object = env.SHARED_CIRCUIT.getByName(place);
    if (news !== null) await object.tell(news);
    return Response.json(await object.ask());
  },
};
