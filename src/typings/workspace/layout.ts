/**
 * Declarations indented for people to read. Models are shown them without: white space costs tokens and says nothing.
 * Every line stays the line it is.
 */
export function indented(text: string): string {
  const open: ('block' | 'type')[] = [];
  let blocks = 0;
  /** Spaces before the comment that is not closed yet. */
  let comment: number | undefined;
  return text
    .split('\n')
    .map((line) => {
      const content = line.trimStart();
      if (comment !== undefined) {
        const before = comment;
        if (content.includes('*/')) comment = undefined;
        // Its text stands below its first word.
        return content === '' ? '' : ' '.repeat(before + (content.startsWith('*') ? 1 : 4)) + content;
      }
      const depth = line.length - content.length;
      if (depth === 0 && content.startsWith('}') && open.pop() === 'block') blocks--;
      const spaces = 2 * (blocks + depth);
      if (content.startsWith('/*') && !content.includes('*/')) comment = spaces;
      if (depth === 0 && content.endsWith('{')) {
        const isBlock = /^(declare |interface )/.test(content);
        open.push(isBlock ? 'block' : 'type');
        if (isBlock) blocks++;
      }
      return content === '' ? '' : ' '.repeat(spaces) + content;
    })
    .join('\n');
}
