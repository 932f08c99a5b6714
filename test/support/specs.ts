/** A platform file with these lines below `buckets:` of its one group. */
export function platformFile(buckets: string, group = ""): string {
  return `metadata: {version: v1, description: test platform}
bucket_groups:
  all:
    description: buckets of a test
    layer: L0
    retention_days: 90
    versioning: true
    encryption: sse-s3
    quota: 1GiB
    on_delete: delete_if_empty
${group}    buckets:
${buckets}
`;
}

/** `count` buckets named `<prefix>-0` and on. */
export function manyBuckets(count: number, prefix = "bucket"): string {
  return Array.from(
    { length: count },
    (_, index) => `      - {name: ${prefix}-${index}, description: one of many, tags: {number: "${index}"}}`,
  ).join("\n");
}
