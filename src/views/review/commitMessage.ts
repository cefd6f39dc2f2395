/** The first line of a commit message. */
export function subjectOf(message: string): string {
  return message.trimStart().split(/\r?\n/, 1)[0] ?? '';
}

/** The message with another first line; everything below it stays as it is. */
export function withSubject(message: string, subject: string): string {
  const trimmed = message.trimStart();
  return subject.trim() + trimmed.slice(subjectOf(trimmed).length);
}
