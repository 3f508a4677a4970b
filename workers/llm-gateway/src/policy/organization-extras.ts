import { ModelId } from '@gateway/worker-utils/ids';
import type { OrganizationContext } from '../exchange/caller.ts';
import { modelOf } from '../catalog/models/catalogue.ts';
import { type ChatRequest, isRecord } from '../request/chat-request.ts';
import { isUnaskedParser, type PaidExtra, paidExtrasOf } from '../request/paid-extras.ts';
import { allowsModel } from './organization-policy.ts';

type Rules = Pick<OrganizationContext, 'plan' | 'settings'>;

/** Whether the organisation has rules that a request could break. */
export const hasRules = (rules: Rules): boolean => restrictsModels(rules) || restrictsHosts(rules);

const restrictsModels = ({ plan, settings }: Rules): boolean =>
  plan === 'enterprise' && settings.modelAllowList.length > 0;

/** By an allow list, or by forbidding data collection. */
export const restrictsHosts = ({ plan, settings }: Rules): boolean =>
  settings.dataCollection === 'deny' ||
  (plan === 'enterprise' && settings.providerAllowList.length > 0);

/** The first field that may lead to a model or host that the rules forbid, or that the request does not name. */
export function forbiddenFieldOf(chat: ChatRequest, rules: Rules): string | null {
  if (!hasRules(rules)) return null;
  const found = paidExtrasOf(chat).find(
    (extra) => !isUnaskedParser(extra) && !allows(rules, extra),
  );
  return found?.field ?? null;
}

function allows(rules: Rules, extra: PaidExtra): boolean {
  switch (extra.kind) {
    // The same model, at the same hosts.
    case 'service-tier':
    case 'output-modality':
      return true;
    case 'web-search':
    case 'web-fetch':
    case 'file-parser':
      return !restrictsHosts(rules) || allowsEngine(rules, extra);
    // A call within the call is made without the request's `provider`.
    case 'fusion':
    case 'advisor':
    case 'subagent':
    case 'image-generation':
    case 'router':
      return !restrictsHosts(rules) && allowsModels(rules, extra);
    // The request does not say which models and hosts these use.
    case 'preset':
    case 'other-plugin':
    case 'other-tool':
      return false;
  }
}

/** By the names that OpenRouter gives engines. `native` is the host that answers anyway. */
function allowsEngine({ plan, settings }: Rules, { settings: extra }: PaidExtra): boolean {
  const { engine } = isRecord(extra['pdf']) ? extra['pdf'] : extra;
  if (engine === 'native') return true;
  if (typeof engine !== 'string' || settings.dataCollection === 'deny') return false;
  return plan === 'enterprise' && settings.providerAllowList.includes(engine);
}

/** Whether the request names every model that the extra may use, and all of them are allowed. */
const allowsModels = (rules: Rules, extra: PaidExtra): boolean =>
  !restrictsModels(rules) ||
  (namesAll(extra) && extra.models.every((name) => allowsName(rules, name)));

function namesAll({ kind, settings }: PaidExtra): boolean {
  // Without a name, it is the model of the request.
  if (kind === 'subagent') return true;
  if (kind === 'router') return isNonEmpty(settings['allowed_models']);
  const isPanelNamed =
    kind !== 'fusion' || (isNonEmpty(settings['analysis_models']) && !settings['preset']);
  return isPanelNamed && typeof settings['model'] === 'string';
}

function allowsName(rules: Rules, name: string): boolean {
  const id = ModelId.safeParse(name);
  if (!id.success || name.includes('@')) return false;
  if (name.includes('*')) return rules.settings.modelAllowList.includes(name);
  return allowsModel(rules, modelOf(id.data, id.data));
}

const isNonEmpty = (value: unknown): boolean => Array.isArray(value) && value.length > 0;
