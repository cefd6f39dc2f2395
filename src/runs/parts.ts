import type { Catalog } from '../catalog/catalog.js';
import type { Checker, TypingsSnapshot } from '../checker/checker.js';
import type { Discovery } from '../discovery/discovery.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { ChangeSets } from './changes/changeSet.js';
import type { Handles } from './handles.js';
import type { Blobs } from './journal/blobs.js';
import type { Recorder } from './journal/recorded.js';
import type { Redactor } from './journal/redact.js';
import type { FlowMarks } from './policy/flow.js';
import type { Grants } from './policy/grants.js';
import type { PolicyEngine } from './policy/policy.js';
import type { Questions } from './questions.js';
import type { RunLimits } from './run.js';
import type { Validators } from './validators.js';

/** What all runs share. */
export interface RunParts {
  readonly catalog: Catalog;
  readonly discovery: Discovery;
  readonly typings: () => TypingsSnapshot;
  readonly checker: Checker;
  readonly sandbox: Sandbox;
  readonly changeSets: ChangeSets;
  readonly limits: () => RunLimits;
  readonly policy: PolicyEngine;
  readonly grants: Grants;
  readonly questions: Questions;
  readonly blobs: Blobs;
  readonly handles: Handles;
  readonly recorder: Recorder;
  readonly redact: Redactor;
  readonly validators: Validators;
  readonly marks: () => FlowMarks;
  readonly now: () => number;
  /** How long (ms) a script that has ended waits for calls it sent and did not await. */
  readonly graceMs: number;
}
