/** What a state and a journal say, as far as replaying one over the other reads it (pulumi's apitype); the rest is carried along. */

/** A resource of a state, apitype.ResourceV3. */
export interface Resource {
  urn: string;
  parent?: string;
  provider?: string;
  dependencies?: string[];
  propertyDependencies?: Record<string, string[] | null>;
  replaceWith?: string[];
  deletedWith?: string;
  viewOf?: string;
  aliases?: string[];
  delete?: boolean;
  pendingReplacement?: boolean;
  refreshBeforeUpdate?: boolean;
  resourceHooks?: Record<string, string[]>;
  taint?: boolean;
  extensionRef?: string;
  snippetID?: string;
  [more: string]: unknown;
}

export interface Operation {
  readonly type: string;
  readonly resource: Resource;
}

/** A state's content, apitype.DeploymentV3. */
export interface Deployment {
  manifest?: unknown;
  secrets_providers?: unknown;
  resources?: Resource[];
  pending_operations?: Operation[];
  metadata?: unknown;
  snippets?: unknown[];
  extensions?: Record<string, unknown>;
}

/** What a state is written as: `features` are those that an older CLI must know to read it. */
export interface Versioned {
  readonly version: number;
  readonly features: readonly string[];
  readonly deployment: Deployment;
}

/** The kinds of an entry, apitype.JournalEntryKind. */
export const KIND = {
  begin: 0,
  success: 1,
  failure: 2,
  refreshSuccess: 3,
  outputs: 4,
  write: 5,
  secretsManager: 6,
  rebuiltBaseState: 7,
  extensionParameterize: 8,
  snippets: 9,
} as const;

/** One step of an update, apitype.JournalEntry: `*Old` are places in the state before, `*New` numbers of operations. */
export interface Entry {
  readonly version: number;
  readonly kind: number;
  readonly sequenceID: number;
  readonly operationID: number;
  readonly removeOld?: number | null;
  readonly removeNew?: number | null;
  readonly deleteOld?: number | null;
  readonly deleteNew?: number | null;
  readonly pendingReplacementOld?: number | null;
  readonly pendingReplacementNew?: number | null;
  readonly state?: Resource | null;
  readonly operation?: Operation | null;
  readonly isRefresh?: boolean;
  readonly secretsProvider?: unknown;
  readonly snippets?: unknown[];
  readonly newSnapshot?: Deployment | null;
  readonly extensionRef?: string;
  readonly extension?: unknown;
  readonly requiresByteString?: boolean;
}
