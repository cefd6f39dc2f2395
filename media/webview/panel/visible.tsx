import { splitHidden } from '../../../src/hidden.js';

/** A text that somebody decides on, with what would not be seen of it by its number. */
export function Visible({ text }: { readonly text: string }) {
  return (
    <>
      {splitHidden(text).map((part, index) =>
        index % 2 === 0 ? (
          part
        ) : (
          <span key={index} class="hidden-character" title="A character that is not seen">
            {part}
          </span>
        ),
      )}
    </>
  );
}
