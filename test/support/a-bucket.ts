import type { Bucket } from "../../config/model.ts";

/** A resolved bucket with nothing special, and what a test changes on it. */
export function aBucket(change: Partial<Bucket> = {}): Bucket {
  return {
    name: "a-bucket",
    platform: "p",
    group: "g",
    layer: null,
    naming: "plain",
    description: "d",
    tags: {},
    paths: {},
    versioning: false,
    retentionDays: null,
    noncurrentDays: null,
    lifecycle: [],
    encryption: { type: "none" },
    quotaBytes: null,
    objectLock: null,
    replication: [],
    publicRead: [],
    notifications: null,
    onDelete: "retain",
    adopt: false,
    protect: false,
    ...change,
  };
}
