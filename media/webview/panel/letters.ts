/// <reference lib="dom" />
import { useLayoutEffect } from 'preact/hooks';

/** `a`, `s` and `d`, wherever the keyboard is on the page but in a text field. */
export function useLetters(active: boolean, letters: Readonly<Record<string, () => void>>): void {
  // Before it is seen: a key that is pressed at once must not be lost.
  useLayoutEffect(() => {
    if (!active) return undefined;
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const target = event.target as HTMLElement | null;
      if (target !== null && (target.tagName === 'TEXTAREA' || (target.tagName === 'INPUT' && (target as HTMLInputElement).type !== 'checkbox'))) return;
      const act = letters[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  });
}
