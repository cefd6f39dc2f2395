/** What servers that may use a model have used of it in this window, in tokens. */
export class SamplingBudget {
  private readonly used = new Map<string, number>();
  private readonly allowed = new Map<string, number>();

  /** @param each tokens a server may use on one yes, prompts and answers together. */
  constructor(private readonly each: () => number) {}

  spent(server: string): number {
    return this.used.get(server) ?? 0;
  }

  /** A yes for this window: good until another whole budget is used. */
  allow(server: string): void {
    this.allowed.set(server, this.spent(server) + this.each());
  }

  /** Whether a request of about this size needs no question. */
  covers(server: string, tokens: number): boolean {
    return this.spent(server) + tokens <= (this.allowed.get(server) ?? 0);
  }

  /** Whether a yes was given before and its budget is used up. */
  isUsedUp(server: string, tokens: number): boolean {
    return this.allowed.has(server) && !this.covers(server, tokens);
  }

  spend(server: string, tokens: number): void {
    this.used.set(server, this.spent(server) + tokens);
  }
}

/** The model a server would like best among those there are: hints are parts of names, in order of preference. */
export function preferred<T extends { readonly id: string; readonly family: string; readonly name: string }>(models: readonly T[], hints: readonly string[] = []): T | undefined {
  for (const hint of hints) {
    const word = hint.toLowerCase();
    const found = models.find((model) => [model.id, model.family, model.name].some((text) => text.toLowerCase().includes(word)));
    if (found !== undefined) return found;
  }
  return models[0];
}
