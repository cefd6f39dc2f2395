/** A refusal that the script gets as a tool error. */
export class Refusal extends Error {}

/** Replaces exact text; a file with CRLF is also matched by text written with LF. */
export function replacement(path: string, text: string, oldText: string, newText: string, all: boolean): { readonly text: string; readonly replaced: number } {
  if (oldText === '') throw new Refusal('oldText is empty: say which text to replace.');
  let [from, to] = [oldText, newText];
  let places = placesOf(text, from);
  if (places.length === 0 && text.includes('\r\n')) {
    const crlf = (lf: string): string => lf.replace(/\r?\n/g, '\r\n');
    [from, to] = [crlf(oldText), crlf(newText)];
    places = placesOf(text, from);
  }
  if (places.length === 0) {
    const loose = oldText.trim();
    const hint = loose !== '' && text.includes(loose) ? ' It is there with other white space around it.' : ' Read the file again and copy the text exactly.';
    throw new Refusal(`'${path}' does not contain the text to replace.${hint}`);
  }
  if (places.length > 1 && !all) {
    const lines = places.slice(0, 10).map((place) => text.slice(0, place).split('\n').length);
    throw new Refusal(`'${path}' contains the text ${places.length} times (lines ${lines.join(', ')}${places.length > 10 ? ', …' : ''}): give more of its surroundings, or all: true.`);
  }
  return { text: text.split(from).join(to), replaced: places.length };
}

function placesOf(text: string, part: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) places.push(at);
  return places;
}
