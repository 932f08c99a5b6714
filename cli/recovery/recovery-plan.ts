/** The parts of `pulumi stack export` that recovery reads; everything else is carried along untouched. */
export interface Deployment {
  resources?: StateResource[];
  pending_operations?: { type: string; resource: StateResource }[];
  [key: string]: unknown;
}

export interface StateResource {
  urn: string;
  type: string;
  custom?: boolean;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  initErrors?: string[];
  /** When the engine made it, RFC 3339. */
  created?: string;
  [key: string]: unknown;
}

export interface Recovery {
  /** Buckets that the killed run had made: they are in the state now, the next `up` finishes them. */
  readonly takenOver: readonly string[];
  /** Buckets that it hadn't made yet; the next `up` makes them. */
  readonly notMade: readonly string[];
  /** Buckets that were there before the killed run began: not ours, left alone. */
  readonly older: readonly string[];
  /** Users that have rights, or of which no lock tells when the killed run began: perhaps not ours, left alone. */
  readonly inUse: readonly string[];
  /** Buckets that hold something, where nothing tells when the killed run began: perhaps not ours, left alone. */
  readonly unproved: readonly string[];
  /** Users that the killed run had made and whose secret nobody has: to be removed, the next `up` makes them. */
  readonly halfMade: readonly string[];
  /** Names of resources whose update was cut short, and of tiers that may be made; the next `up` writes them again. */
  readonly again: readonly string[];
  readonly deployment: Deployment;
}

/** What is on the server. */
export interface Existing {
  /** With the time each was made. */
  readonly buckets: ReadonlyMap<string, Date>;
  readonly users: ReadonlySet<string>;
  /** Users without a policy, a group or a service account, which can do nothing: a run gives them after it knows the user. */
  readonly bare: ReadonlySet<string>;
  /** Buckets that hold a version; of those alone that were asked for. */
  readonly filled?: ReadonlySet<string>;
}

export const BUCKET = "bucketworks:index:Bucket";
export const USER = "minio:index/iamUser:IamUser";
const TIER = "bucketworks:index:Tier";

/** Clocks of this machine and the server may differ by as much. */
export const CLOCK_TOLERANCE_MS = 60_000;

/** Names of the users whose creation is pending. */
export function pendingUsers({ pending_operations = [] }: Deployment): string[] {
  return pending_operations.flatMap(({ type, resource }) =>
    type === "creating" && resource.type === USER ? [String(resource.inputs?.name)] : [],
  );
}

/** Names of the buckets whose creation is pending. */
export function pendingBuckets({ pending_operations = [] }: Deployment): string[] {
  return pending_operations.flatMap(({ type, resource }) =>
    type === "creating" && resource.type === BUCKET ? [String(resource.inputs?.bucket)] : [],
  );
}

/**
 * Settles the operations that a killed run left pending. A bucket is taken over only if our own run was creating it
 * and it isn't older than that run; one that holds something only if that can be proved. A user is removed only if nothing
 * hangs on it: no server tells when it was made. Policies, groups and attachments can be made again as they are.
 * @param began when the killed run began; undefined where nothing tells it: times prove nothing then
 */
export function planRecovery(deployment: Deployment, existing: Existing, began: Date | undefined): Recovery {
  const takenOver: string[] = [];
  const notMade: string[] = [];
  const older: string[] = [];
  const inUse: string[] = [];
  const unproved: string[] = [];
  const again: string[] = [];
  const halfMade: string[] = [];
  const isOlder = (made: Date): boolean => began !== undefined && made.getTime() < began.getTime() - CLOCK_TOLERANCE_MS;
  const resources = [...(deployment.resources ?? [])];
  for (const { type, resource } of deployment.pending_operations ?? []) {
    const at = resources.findIndex(({ urn }) => urn === resource.urn);
    const present = resources[at];
    if (type === "creating" && resource.type === BUCKET && present === undefined) {
      const name = String(resource.inputs?.bucket);
      const made = existing.buckets.get(name);
      if (made === undefined) notMade.push(name);
      else if (isOlder(made)) older.push(name);
      else if (began === undefined && existing.filled?.has(name)) unproved.push(name);
      else {
        takenOver.push(name);
        resources.push(interrupted(resource, name));
      }
    } else if (type === "creating" && resource.type === USER && present === undefined) {
      const name = String(resource.inputs?.name);
      const isOurs = began !== undefined && existing.bare.has(name);
      if (existing.users.has(name)) (isOurs ? halfMade : inUse).push(name);
    } else if (type === "creating" && resource.type === TIER && present === undefined) {
      again.push(nameOf(resource as StateResource));
      resources.push(uncertainTier(resource));
    } else if (type === "updating" && present !== undefined) {
      again.push(nameOf(present));
      resources[at] = { ...present, initErrors: ["its update was cut short"] };
    }
  }
  const { pending_operations: _, ...rest } = deployment;
  return { takenOver, notMade, older, inUse, unproved, again, halfMade, deployment: { ...rest, resources } };
}

/** As if created bare: the engine then updates it, and the provider writes what the server lacks. */
function interrupted(resource: StateResource, name: string): StateResource {
  return {
    ...resource,
    id: name,
    outputs: { bucket: name, versioning: false, tags: {}, lifecycle: [] },
    initErrors: ["its creation was cut short"],
  };
}

/**
 * As the plugin keeps a tier whose creation had no answer, without where it leads: the engine then updates it, and the
 * provider makes it, or gives its key to the one that leads to the same place; one that leads elsewhere it refuses.
 */
function uncertainTier(resource: StateResource): StateResource {
  const { name, onDelete, accessKey, secretKey } = resource.inputs ?? {};
  return {
    ...resource,
    id: String(name),
    inputs: { name, onDelete, accessKey, secretKey },
    outputs: { name, onDelete },
    initErrors: ["its creation was cut short"],
  };
}

function nameOf({ urn }: StateResource): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
