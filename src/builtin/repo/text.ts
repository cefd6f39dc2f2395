/** Largest file that is read or searched as text, in bytes. */
export const largestText = 10_000_000;

/** Why a file has no text. */
class NotText extends Error {}

/**
 * The text of a file's bytes; a byte order mark stays in it, so that writing it back changes nothing.
 * @throws {NotText} for binary content and encodings other than UTF-8.
 */
export function decode(path: string, bytes: Uint8Array): string {
  if (bytes.length > largestText) throw new NotText(`'${path}' has ${bytes.length.toLocaleString('en-US')} bytes; text is read up to ${largestText.toLocaleString('en-US')}.`);
  if (isBinary(bytes)) throw new NotText(`'${path}' is a binary file of ${bytes.length.toLocaleString('en-US')} bytes, not text.`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new NotText(`'${path}' is not UTF-8 text: convert it first, or leave it as it is.`);
  }
}

/** Git's own rule: a NUL byte near the start. */
export function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 8_000).includes(0);
}

/** Lines with their endings; a text that ends with a line break has no empty last line. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
