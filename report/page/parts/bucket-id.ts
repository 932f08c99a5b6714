/** The anchor of a bucket's part: by its place in the report, since a name may hold anything. */
export function bucketId(index: number): string {
  return `bucket-${index + 1}`;
}
