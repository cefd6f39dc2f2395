/**
 * How a secret may be written where it is not written as it is: in JSON and JSON in JSON, in addresses and forms, in
 * HTML, in hexadecimal digits, and in Base64, also in the middle of something longer. Itself comes first.
 */
export function spellingsOf(secret: string): readonly string[] {
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
  const json = inJson(secret);
  const plain = json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const uri = encodeURIComponent(Buffer.from(secret).toString());
  const strict = uri.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const lower = (text: string) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  const html = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  const hex = Buffer.from(secret).toString('hex');
  const spellings = [
    secret, json, inJson(json), inJson(inJson(json)), plain, inJson(plain), json.replaceAll('/', '\\/'),
    uri, strict, lower(uri), lower(strict), strict.replaceAll('%20', '+'), lower(strict).replaceAll('%20', '+'), encodeURIComponent(uri),
    html, html.replaceAll("'", '&#39;'), hex, hex.toUpperCase(), ...base64Of(Buffer.from(secret)),
  ];
  return [...new Set(spellings)];
}

/** Of bytes of which a Base64 text is made, those of the secret may begin at any of three places, and do not end with it. */
const shortestInside = 6;

function base64Of(bytes: Buffer): string[] {
  const found = [bytes.toString('base64'), bytes.toString('base64').replace(/=+$/, '')];
  if (bytes.length >= shortestInside) {
    for (const [before, shared] of [[0, 0], [1, 2], [2, 3]] as const) {
      const whole = Math.floor(((before + bytes.length) * 8) / 6);
      found.push(Buffer.concat([Buffer.alloc(before), bytes]).toString('base64').slice(shared, whole));
    }
  }
  return found.flatMap((text) => [text, text.replaceAll('+', '-').replaceAll('/', '_')]);
}
