import { type LedgerOwner, ledgerOwnerIn } from './ledger/ledger-owner.ts';
import type { LedgerView } from './ledger/ledger-view.ts';
import { isOperator, type OperatorNeeds } from './operator.ts';
import { notFound } from './render.ts';

/** What an operator may look at: ids and amounts, nothing of what was said. */
export type AdminNeeds = OperatorNeeds & {
  readonly ledgers: {
    readonly listed: (after: string) => Promise<readonly string[]>;
    readonly view: (owner: LedgerOwner) => Promise<LedgerView>;
  };
};

/**
 * `GET /admin/ledger` lists the ledgers that hold something that is not done, a thousand at a time (`?after=` the last of
 * the ones before); `GET /admin/ledger/<user|org|anon>/<id>` shows one. For whoever has not the token, there is nothing here.
 */
export async function admin(request: Request, needs: AdminNeeds): Promise<Response> {
  if (request.method !== 'GET' || !(await isOperator(request, needs))) return notFound();
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === '/admin/ledger') {
    const ledgers = await needs.ledgers.listed(searchParams.get('after') ?? '');
    return Response.json({ ledgers });
  }
  const { kind, id } = /^\/admin\/ledger\/(?<kind>[^/]+)\/(?<id>.+)$/.exec(pathname)?.groups ?? {};
  const owner = kind && id ? ledgerOwnerIn(`${kind}:${decoded(id)}`) : null;
  return owner ? Response.json(await needs.ledgers.view(owner)) : notFound();
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return '';
  }
}
