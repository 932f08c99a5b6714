/** How names of scratch buckets of drills begin. No spec has such a bucket: the key of drills removes them. */
export const SCRATCH_PREFIX = "bucketworks-drill-";

/** All of them, as policies name them. */
export const SCRATCH_BUCKETS = `${SCRATCH_PREFIX}*`;
