import type { Deployment, StateResource } from "../recovery/recovery-plan.ts";

/** What the last update of a stack recorded of a bucket. */
export interface BucketRecord {
  readonly urn: string;
  /** True where the engine refuses to delete it. */
  readonly protect: boolean;
  /** What the removal of the bucket will obey. */
  readonly onDelete: string;
  /** host:port of the server that holds it. */
  readonly endpoint: string | undefined;
}

/** @returns undefined where the bucket isn't the stack's */
export function bucketRecord({ resources = [] }: Deployment, bucket: string): BucketRecord | undefined {
  const found = resources.find(({ type, id }) => type === "bucketworks:index:Bucket" && id === bucket);
  if (found === undefined) return undefined;
  const declared = found.inputs?.declared as { onDelete?: unknown } | undefined;
  return {
    urn: found.urn,
    protect: found.protect === true,
    onDelete: String(declared?.onDelete ?? "retain"),
    endpoint: endpointOf(resources, found),
  };
}

/** A resource names its provider as `<urn>::<id>`. */
function endpointOf(resources: readonly StateResource[], { provider }: StateResource): string | undefined {
  const owner = resources.find(({ urn, id }) => provider === `${urn}::${id}`);
  const endpoint = owner?.inputs?.endpoint;
  return typeof endpoint === "string" ? endpoint : undefined;
}
