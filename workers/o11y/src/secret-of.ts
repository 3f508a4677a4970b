import { optionalSecretOf } from '@gateway/worker-utils/secrets-store';
import type { Bindings } from './bindings.ts';

type SecretName =
  | 'O11Y_KILO_GATEWAY_CLIENT_SECRET'
  | 'O11Y_CF_AE_API_TOKEN'
  | 'O11Y_SLACK_WEBHOOK_PAGE'
  | 'O11Y_SLACK_WEBHOOK_TICKET'
  | 'OTEL_EXPORTER_OTLP_HEADERS';

/** Null: it is not there. This worker does without each of them, in its own way. */
export const secretOf = (
  env: Pick<Bindings, SecretName>,
  name: SecretName,
): Promise<string | null> => optionalSecretOf(name, env[name]);
