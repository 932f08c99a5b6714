import type { Bucket } from "../config/model.ts";
import type { Remotes } from "../config/stack/remotes.ts";
import type { ReplicationRule } from "../provider/replication/types.ts";

/**
 * The rules by which a bucket is copied, as the server holds them.
 * @param remotes of the stack; a rule to another is left out, which the check of specs has refused
 */
export function replicationRules({ replication }: Bucket, remotes: Remotes): ReplicationRule[] {
  return replication.flatMap((rule): ReplicationRule[] => {
    const remote = Object.hasOwn(remotes, rule.to) ? remotes[rule.to] : undefined;
    if (remote === undefined) return [];
    const { bucket, prefix, priority, deleteMarkers, deleteVersions, existingObjects } = rule;
    return [
      {
        ID: `${rule.to}-${priority}`,
        priority,
        enabled: true,
        endpoint: new URL(remote.endpoint).origin,
        bucket,
        ...(remote.region !== undefined && { region: remote.region }),
        ...(prefix !== "" && { prefix }),
        ...{ deleteMarkers, deleteVersions, existingObjects },
      },
    ];
  });
}
