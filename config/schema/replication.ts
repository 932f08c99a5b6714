import { z } from "zod";
import { defaults } from "../defaults.ts";

/** One rule by which new versions of a bucket's objects are copied to another server. */
export const replicationRule = z.strictObject({
  to: z.string().describe("Name of a remote of the stack (bucketworks:remotes)"),
  bucket: z
    .string()
    .optional()
    .describe("Bucket of the other server, which has to be there and versioned; absent is the same name"),
  prefix: z.string().optional().describe("Key prefix the rule is limited to; absent is the whole bucket"),
  priority: z
    .int()
    .min(1)
    .max(10_000)
    .meta({ default: defaults.replication.priority })
    .optional()
    .describe("Of the rules of a bucket that lead to one remote, the one with the highest number decides"),
  delete_markers: z
    .boolean()
    .meta({ default: defaults.replication.deleteMarkers })
    .optional()
    .describe("true: an object that is deleted here is hidden there too"),
  delete_versions: z
    .boolean()
    .meta({ default: defaults.replication.deleteVersions })
    .optional()
    .describe("true: a version that is deleted here is deleted there too, and can't be had back"),
  existing_objects: z
    .boolean()
    .meta({ default: defaults.replication.existingObjects })
    .optional()
    .describe("Whether what is in the bucket already is copied too, as the server's scanner comes to it"),
});

export type ReplicationRuleSpec = z.infer<typeof replicationRule>;
