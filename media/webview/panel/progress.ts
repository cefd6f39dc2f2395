import type { Progress } from '../../../src/catalog/source.js';

/** How far a call says that it is: in words, and as a share of the whole where that is known. */
export function progressSaid({ message, done, total }: Progress): string {
  const share = done === undefined ? undefined : total === undefined || total <= 0 ? done.toLocaleString('en') : `${Math.floor(Math.max(0, Math.min(1, done / total)) * 100)} %`;
  return [message, share].filter((said) => said !== undefined && said !== '').join(' · ');
}
