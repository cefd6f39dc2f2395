/** One hit of a search, best first. */
export interface FoundTool {
  /** As scripts write it: `github.create_issue`. */
  readonly name: string;
  /** First sentence of its description. */
  readonly summary: string;
  /** One line: `github.create_issue(args: { title: string; body?: string }): Promise<Issue>`. */
  readonly signature: string;
}

export interface SearchPage {
  readonly results: readonly FoundTool[];
  readonly total: number;
  readonly nextOffset?: number;
}

export interface ServerSummary {
  readonly name: string;
  readonly title: string;
  readonly tools: number;
  readonly state: string;
}

/** How a script, and the model's tool loop, find their way in the catalog. */
export interface Discovery {
  /** The one text a model is always shown, inside `budget` tokens plus a line a server; byte-stable while the catalog is. */
  surface(budget: number): string;
  search(query: string, options?: { readonly server?: string; readonly limit?: number; readonly offset?: number }): SearchPage;
  /**
   * Declarations of the named tools and of the types they need; unknown names are answered with the nearest. Types are
   * always whole; long texts end in `…` unless `full`, so that it costs little more than half of the tools' own definitions.
   */
  describe(names: string | readonly string[], options?: { readonly full?: boolean }): string;
  servers(): readonly ServerSummary[];
  /** Resolves once a search knows all it can of the catalog as it is now; before, it goes by words alone. */
  settled(): Promise<void>;
}
