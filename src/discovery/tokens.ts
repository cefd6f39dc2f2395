import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';

/** Tokens of a text as current models count them (o200k_base). */
export function tokensOf(text: string): number {
  return countTokens(text);
}
