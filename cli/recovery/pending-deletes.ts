import type { Deployment, StateResource } from "./recovery-plan.ts";

export interface SettledDeletes {
  /** Names of buckets that the state was to delete although it has them, or had replaced them. */
  readonly kept: readonly string[];
  readonly deployment: Deployment;
}

const BUCKET = "bucketworks:index:Bucket";

/**
 * Ends pending deletes of buckets: what a replacement that was refused, or cut short, leaves behind. Old and new of a
 * replaced bucket are the same one on the server, so the old entry goes where the new one is there; alone it is the
 * bucket, and the next `up` treats it as such. The server isn't asked, and nothing on it changes.
 */
export function settlePendingDeletes(deployment: Deployment): SettledDeletes {
  const resources = deployment.resources ?? [];
  const live = new Set(resources.filter((each) => isBucket(each) && !isPending(each)).map(({ id }) => id));
  const kept: string[] = [];
  const settled = resources.flatMap((resource) => {
    if (!isBucket(resource) || !isPending(resource)) return [resource];
    kept.push(String(resource.id));
    if (live.has(resource.id)) return [];
    live.add(resource.id);
    const { delete: _, ...alone } = resource;
    return [alone];
  });
  return kept.length === 0 ? { kept, deployment } : { kept, deployment: { ...deployment, resources: settled } };
}

function isBucket({ type, id }: StateResource): boolean {
  return type === BUCKET && id !== undefined;
}

function isPending(resource: StateResource): boolean {
  return resource.delete === true;
}
