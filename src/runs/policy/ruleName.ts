type RuleOrigin = 'built in' | 'user' | 'workspace' | 'remembered';

/** A line of the policy, as whoever is asked reads it. */
export interface RuleName {
  readonly from: RuleOrigin;
  /** The whole rule in a sentence. */
  readonly text: string;
}
