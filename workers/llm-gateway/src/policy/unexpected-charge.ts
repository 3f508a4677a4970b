import { ModelId } from '@gateway/worker-utils/ids';
import { sponsoredModels } from '../catalog/models/catalogue.ts';
import { isPromoted } from './promotions.ts';

/** Whether an uncharged request should have cost nothing: costs of sponsored models and promotions are expected. */
export function isUnexpectedCharge(model: string, isOwnKey: boolean): boolean {
  const id = ModelId.safeParse(model);
  return id.success && !isOwnKey && !sponsoredModels.has(id.data) && !isPromoted(id.data);
}
