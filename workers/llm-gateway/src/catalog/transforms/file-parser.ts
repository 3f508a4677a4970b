import { type ChatRequest, listOf } from '../../request/chat-request.ts';
import { isUnaskedParser, paidExtrasOf } from '../../request/paid-extras.ts';

/**
 * Sets the file parser if the request names none. OpenRouter would choose `mistral-ocr`, which costs money and is
 * another host (openrouter.ai/docs/guides/overview/multimodal/pdfs). Null: leaves the choice to OpenRouter.
 */
export function withParser(
  chat: ChatRequest,
  engine: 'native' | 'cloudflare-ai' | null,
): ChatRequest {
  if (engine === null || !paidExtrasOf(chat).some(isUnaskedParser)) return chat;
  const plugins = listOf(chat['plugins']);
  // One that is switched off would be in the way.
  const others = plugins.filter(({ id }) => id !== 'file-parser');
  return { ...chat, plugins: [...others, { id: 'file-parser', pdf: { engine } }] };
}
