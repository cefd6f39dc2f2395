/** An error and what it was caused by, outermost first; the SDK keeps some causes in `data`, and of several the first counts. */
export function* causes(error: unknown): Generator<Error> {
  for (let next: unknown = error, depth = 0; next instanceof Error && depth < 6; depth++) {
    yield next;
    const data = (next as { data?: { cause?: unknown } }).data;
    next = next.cause ?? data?.cause ?? (next instanceof AggregateError ? next.errors[0] : undefined);
  }
}
