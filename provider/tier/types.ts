/** Where a tier keeps objects. Nothing of it can be changed: objects that were moved are read from there. */
export interface TierPlace {
  /** `minio` is another MinIO, `s3` everything else that speaks S3. */
  readonly type: "minio" | "s3";
  /** Scheme, host and port. */
  readonly endpoint: string;
  readonly bucket: string;
  /** Without a slash at its ends; absent is the whole bucket. */
  readonly prefix?: string;
  readonly region?: string;
  /** Class in which the other store keeps them; of `s3` alone. */
  readonly storageClass?: string;
}

/** The inputs of `bucketworks:index:Tier`: another object store, to which lifecycle rules of the server move objects. */
export interface TierInputs extends TierPlace {
  /** As rules call it. */
  readonly name: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** What becomes of it when the program names it no more. */
  readonly onDelete: "retain" | "delete_if_empty";
  /** May take over a tier that is there already, or a place that holds objects already. */
  readonly adopt?: boolean;
}

/** A tier as the server tells it: its secret key stays with the server. */
export interface LiveTier extends TierPlace {
  readonly name: string;
  readonly accessKey: string;
}

export const PLACE = [
  "type",
  "endpoint",
  "bucket",
  "prefix",
  "region",
  "storageClass",
] as const satisfies readonly (keyof TierPlace)[];

/** Parts of its place in which two tiers differ. */
export function movedParts(from: Partial<TierPlace>, to: Partial<TierPlace>): (keyof TierPlace)[] {
  return PLACE.filter((part) => (from[part] ?? "") !== (to[part] ?? ""));
}

/** One form for every URL of the same store. */
export function originOf(endpoint: string): string {
  return URL.canParse(endpoint) ? new URL(endpoint).origin : endpoint;
}

/** Where it keeps objects, for people. */
export function placeText({ endpoint, bucket, prefix }: TierPlace): string {
  return [endpoint, bucket, ...(prefix ? [prefix] : [])].join("/");
}
