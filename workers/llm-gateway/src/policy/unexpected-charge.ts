import { ModelId } from '@gateway/worker-utils/ids';
import { sponsoredModels } from '../catalog/models/catalogue.ts';
import { isPromoted } from './promotions.ts';

/** Whether a cost is a surprise where nobody is charged: the house pays for its own list and for promotions, and knows it. */
export function isUnexpectedCharge(model: string, isOwnKey: boolean): boolean {
  const id = ModelId.safeParse(model);
  return id.success && !isOwnKey && !sponsoredModels.has(id.data) && !isPromoted(id.data);
}
