import { err, ok, type Result } from '@gateway/worker-utils/result';
import type { CustomLlm } from '../../exchange/custom-llm.ts';

/** A validated endpoint of a custom LLM. */
export type Endpoint = {
  readonly protocol: Protocol;
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly internalId: string;
};
/** Anthropic's messages, or OpenAI's responses. */
export type Protocol = 'anthropic' | 'openai';

/** Why a custom LLM cannot be called, phrased for the person who configured it. */
type Misconfigured = string;

/** @param mayBePrivate On one machine an endpoint may be a program beside the gateway. */
export function endpointOf(
  { provider, baseUrl, apiKey, internalId }: CustomLlm,
  { mayBePrivate }: { readonly mayBePrivate: boolean },
): Result<Endpoint, Misconfigured> {
  if (provider !== 'anthropic' && provider !== 'openai') {
    return err(`Unknown provider: ${provider}`);
  }
  const url = URL.parse(baseUrl);
  if (!url) return err('The base URL of this model is not a URL.');
  if (!mayBePrivate && !isPublic(url)) {
    return err('The base URL of this model must be https and public.');
  }
  return ok({ protocol: provider, baseUrl, apiKey, internalId });
}

/**
 * By its name alone: what a name resolves to is for the network, which reaches nothing private from where this is deployed.
 * URLs have been normalised by then: `2130706433`, `0x7f.1` and `127.1` are all `127.0.0.1`.
 */
function isPublic({ protocol, hostname, username, password }: URL): boolean {
  if (protocol !== 'https:' || username !== '' || password !== '') return false;
  const host = hostname.toLowerCase().replace(/\.$/, '');
  // Public APIs have host names: certificates are issued for names.
  if (host.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(host)) return false;
  return host.includes('.') && !PRIVATE_SUFFIXES.some((suffix) => host.endsWith(suffix));
}

const PRIVATE_SUFFIXES = ['.localhost', '.local', '.internal', '.lan', '.home.arpa', '.intranet'];
