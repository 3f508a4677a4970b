import { normalizedPath } from '@gateway/worker-utils/normalized-path';
import type { Suspended } from '../policy/free-use/charged-models.ts';
import { type LedgerOwner, ledgerOwnerIn } from '../billing/ledger/ledger-owner.ts';
import type { LedgerView } from '../billing/ledger/ledger-view.ts';
import { isOperator, type OperatorNeeds } from './operator.ts';
import { notFound } from '../response/render-refusal.ts';

/** What an operator may look at: ids and amounts, nothing of what was said. */
export type AdminNeeds = OperatorNeeds & {
  readonly suspendedModels: {
    readonly listed: () => Promise<readonly Suspended[]>;
    readonly clear: (model: string) => Promise<void>;
  };
  readonly ledgers: {
    readonly listed: (after: string) => Promise<readonly string[]>;
    readonly view: (owner: LedgerOwner) => Promise<LedgerView>;
    /** Tries once more what Postgres has refused. */
    readonly takeUp: (owner: LedgerOwner) => Promise<LedgerView>;
  };
};

/**
 * `GET /admin/suspended-models` lists free models that are refused because their providers charged for them; `DELETE
 * /admin/suspended-models/<id>` serves one again.
 * `GET /admin/ledger` lists the ledgers that hold something that is not done, a thousand at a time (`?after=` the last of
 * the ones before); `GET /admin/ledger/<user|org|anon>/<id>` shows one; `POST` there tries once more
 * what Postgres has refused. For whoever has not the token, there is nothing here.
 */
export async function admin(request: Request, needs: AdminNeeds): Promise<Response> {
  if (!(await isOperator(request, needs))) return notFound();
  const { pathname: sent, searchParams } = new URL(request.url);
  const pathname = normalizedPath(sent);
  if (pathname === '/admin/ledger' && request.method === 'GET') {
    const ledgers = await needs.ledgers.listed(searchParams.get('after') ?? '');
    return Response.json({ ledgers });
  }
  const suspended = /^\/admin\/suspended-models(?:\/(?<model>.+))?$/.exec(pathname);
  if (suspended) return suspensions(request, suspended.groups?.['model'] ?? null, needs);
  const { kind, id } = /^\/admin\/ledger\/(?<kind>[^/]+)\/(?<id>.+)$/.exec(pathname)?.groups ?? {};
  const owner = kind && id ? ledgerOwnerIn(`${kind}:${decoded(id)}`) : null;
  if (!owner) return notFound();
  if (request.method === 'GET') return Response.json(await needs.ledgers.view(owner));
  return request.method === 'POST' ? Response.json(await needs.ledgers.takeUp(owner)) : notFound();
}

async function suspensions(
  { method }: Request,
  model: string | null,
  { suspendedModels }: AdminNeeds,
): Promise<Response> {
  if (method === 'DELETE' && model !== null) {
    await suspendedModels.clear(decoded(model).trim().toLowerCase());
  } else if (method !== 'GET' || model !== null) return notFound();
  return Response.json({ models: await suspendedModels.listed() });
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return '';
  }
}
