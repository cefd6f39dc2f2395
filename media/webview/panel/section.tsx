import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from './icon.js';
import { remember, remembered } from './host.js';

interface SectionProps {
  readonly id: string;
  readonly title: string;
  readonly note?: string;
  readonly folded?: boolean;
  readonly children: ComponentChildren;
  readonly action?: ComponentChildren;
}

/** A part of the page that folds, and stays folded when the view is hidden and shown again. */
export function Section({ id, title, note, folded = false, children, action }: SectionProps) {
  // What is remembered is the exception from how the section starts.
  const [open, setOpen] = useState(remembered().folded.includes(id) === folded);
  const toggle = (): void => {
    const { folded: exceptions } = remembered();
    const next = !open;
    remember({ ...remembered(), folded: next === !folded ? exceptions.filter((each) => each !== id) : [...new Set([...exceptions, id])] });
    setOpen(next);
  };
  return (
    <section class="section">
      <div class="section-head">
        <h2>
          <button type="button" class="fold" aria-expanded={open} onClick={toggle}>
            <Icon name={open ? 'chevron-down' : 'chevron-right'} />
            <span class="section-title">{title}</span>
            {note !== undefined && <span class="note">{note}</span>}
          </button>
        </h2>
        {action}
      </div>
      {open && <div class="section-body">{children}</div>}
    </section>
  );
}
