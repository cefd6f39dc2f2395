import type { Effect } from '../../catalog/source.js';

/** What a tool does, in a word for people, with the icon that stands for it everywhere. */
export const effectWords: Readonly<Record<Effect, { readonly word: string; readonly icon: string; readonly color: string; readonly hint: string }>> = {
  read: { word: 'reads', icon: 'eye', color: 'charts.blue', hint: 'Changes nothing.' },
  staged: { word: 'stages', icon: 'diff', color: 'charts.green', hint: 'Waits in the change set until you apply it.' },
  write: { word: 'writes', icon: 'edit', color: 'editorWarning.foreground', hint: 'Takes effect at once and cannot be held back.' },
  outward: { word: 'reaches out', icon: 'globe', color: 'charts.red', hint: 'Reaches other parties outside this machine.' },
  unknown: { word: 'effect unknown', icon: 'question', color: 'charts.purple', hint: 'Nobody said what it does, so it is treated like the worst.' },
};
