/// <reference lib="dom" />
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from './icon.js';

export interface MenuItem {
  readonly label: string;
  /** A line above it. */
  readonly separated?: boolean;
  readonly run: () => void;
}

/** A primary button with the wider answers in a menu beside it, as VS Code's own confirmations have. */
export function SplitButton({ label, title, onClick, items, menuLabel }: { readonly label: string; readonly title?: string; readonly onClick: () => void; readonly items: readonly MenuItem[]; readonly menuLabel: string }) {
  const [open, setOpen] = useState(false);
  const [upwards, setUpwards] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!open) return undefined;
    const room = window.innerHeight - (opener.current?.getBoundingClientRect().bottom ?? 0);
    setUpwards((list.current?.offsetHeight ?? 0) + 8 > room);
    list.current?.querySelector('button')?.focus();
    const close = (event: MouseEvent): void => {
      if (!(event.target instanceof Node) || list.current?.parentElement?.contains(event.target) !== true) setOpen(false);
    };
    document.addEventListener('mousedown', close);
    return () => document.removeEventListener('mousedown', close);
  }, [open]);

  const move = (event: KeyboardEvent): void => {
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
    const index = buttons.findIndex((button) => button === document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) buttons[(index + step + buttons.length) % buttons.length]?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') {
      setOpen(false);
      opener.current?.focus();
      if (event.key === 'Tab') return;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class="split">
      <button type="button" class="button primary" title={title} onClick={onClick}>
        {label}
      </button>
      {items.length > 0 && <button ref={opener} type="button" class="button primary more" aria-label={menuLabel} title={menuLabel} aria-haspopup="menu" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="chevron-down" />
      </button>}
      {open && (
        <div ref={list} class={upwards ? 'menu upwards' : 'menu'} role="menu" aria-label={menuLabel} onKeyDown={move}>
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              class={item.separated === true ? 'separated' : undefined}
              onClick={() => {
                setOpen(false);
                item.run();
              }}
            >
              {item.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
