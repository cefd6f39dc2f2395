import { useEffect, useState } from 'preact/hooks';
import { largestShown } from '../../../src/views/panel/protocol.js';
import type { ShownBytes } from './attachments.js';
import { onMessage, send } from './host.js';

type Found = { readonly base64: string } | { readonly why: string };

/** Pictures and sounds as what they are. `of` is what they belong to, for whoever does not see them. */
export function Media({ shown, of }: { readonly shown: readonly ShownBytes[]; readonly of: string }) {
  return (
    <>
      {shown.map((each) => (
        <One key={each.handle} shown={each} of={of} />
      ))}
    </>
  );
}

function One({ shown, of }: { readonly shown: ShownBytes; readonly of: string }) {
  const { handle, mimeType, bytes, kind } = shown;
  const [found, setFound] = useState<Found>();
  const isLarge = bytes > largestShown;
  useEffect(() => {
    if (isLarge) return undefined;
    const stop = onMessage((message) => {
      if (message.type === 'attachment' && message.handle === handle) setFound(message.found);
    });
    send({ type: 'attachment', handle });
    return stop;
  }, [handle, isLarge]);
  const size = bytes < 1024 ? `${bytes} bytes` : `${Math.ceil(bytes / 1024).toLocaleString('en')} KB`;
  const what = `${shown.name === undefined ? '' : `${shown.name}, `}${mimeType}, ${size}`;
  const why = isLarge ? 'It is too large to be shown here.' : found !== undefined && 'why' in found ? found.why : undefined;
  const address = found !== undefined && 'base64' in found ? `data:${mimeType};base64,${found.base64}` : undefined;
  const refused = (): void => setFound({ why: kind === 'image' ? 'It is not a picture that can be shown.' : 'It is not a sound that can be played here.' });
  return (
    <figure class="media">
      {address !== undefined && kind === 'image' && <img src={address} alt={`Picture of ${of}: ${what}`} decoding="async" onError={refused} />}
      {address !== undefined && kind === 'audio' && <audio controls src={address} aria-label={`Sound of ${of}: ${what}`} onError={refused} />}
      {address === undefined && why === undefined && <span class="muted">Reading…</span>}
      <figcaption class="muted">
        {what}
        {why === undefined ? '' : `. ${why}`}
      </figcaption>
    </figure>
  );
}
