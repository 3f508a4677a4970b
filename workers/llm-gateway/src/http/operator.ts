import { timingSafeEqual } from '@gateway/worker-utils/timing-safe-equal';

export type OperatorNeeds = {
  /** Null: nobody is an operator here. */
  readonly token: () => Promise<string | null>;
};

/** Whether who asks has the admin token. For whoever has not, there is nothing to be found: 404. */
export async function isOperator(request: Request, { token }: OperatorNeeds): Promise<boolean> {
  const expected = await token();
  const given = /^bearer (?<given>.+)$/i.exec(request.headers.get('authorization') ?? '')?.groups;
  return Boolean(expected) && timingSafeEqual(given?.['given'] ?? '', expected ?? '');
}
