import type { Inputs } from '../configuration/inputs.js';
import type { IdentifiedServer } from '../configuration/sources.js';
import type { Limits } from '../limits.js';
import type { OfferCache } from '../offers/cache.js';
import type { McpPorts } from '../ports.js';
import type { Confiner } from '../sandbox/confiner.js';

/** What all connections of a window share. */
export interface Shared {
  readonly ports: McpPorts;
  readonly limits: Limits;
  readonly clientVersion: string;
  readonly inputs: Inputs;
  readonly cache: OfferCache;
  /** The means to run a server in a sandbox; looked for before the first server that asks for one. */
  confiner: Confiner;
  /** Where windows agree on whose turn it is. */
  readonly lockDirectory?: string;
  readonly clientMetadataUrl?: string;
  /** Told of every secret as soon as it is known. */
  readonly onSecret: (secret: string) => void;
  /** There was a yes to this server. */
  isApproved(server: IdentifiedServer): boolean;
  /**
   * Asks for a yes to this server where none was given yet; true once there is one.
   * @param wanted somebody wants it to start: asked at once, also after a no
   */
  approve(server: IdentifiedServer, wanted: boolean): Promise<boolean>;
}
