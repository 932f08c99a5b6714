/**
 * Bucket-name rules and ARNs: the only place that spells either. The rules are S3's own
 * ("General purpose bucket naming rules") and MinIO's reserved names, narrowed to kebab-case: a dot in a
 * name breaks TLS host names.
 */

import { SCRATCH_PREFIX } from "./scratch-buckets.ts";

/** A rule a name breaks, and what to do about it. */
export interface NameFault {
  readonly message: string;
  readonly fix: string;
}

const RESERVED_PREFIXES = ["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_SUFFIXES = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
/** MinIO answers these names itself. */
const RESERVED_NAMES = ["minio", ".minio.sys"];
const ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;
const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const LAYER_PREFIX = /^\d{2}-/;

/** Every rule a bucket name breaks; none for a good name. */
export function bucketNameFaults(name: string): NameFault[] {
  const faults: NameFault[] = [];
  const fault = (message: string, fix: string): void => {
    faults.push({ message, fix });
  };
  if (name.length < 3 || name.length > 63) {
    fault(`must have 3 to 63 characters, has ${name.length}`, name.length < 3 ? "choose a longer name" : "shorten it");
  }
  if (RESERVED_NAMES.includes(name)) fault("is a name MinIO keeps for itself", "choose another name");
  if (name.startsWith(SCRATCH_PREFIX)) {
    fault(`must not begin with ${SCRATCH_PREFIX}: drills of backups remove such buckets`, "choose another beginning");
  }
  const prefix = RESERVED_PREFIXES.find((each) => name.startsWith(each));
  if (prefix !== undefined) fault(`must not begin with ${prefix}, which S3 reserves`, "choose another beginning");
  const suffix = RESERVED_SUFFIXES.find((each) => name.endsWith(each));
  if (suffix !== undefined) fault(`must not end with ${suffix}, which S3 reserves`, "choose another end");
  if (ADDRESS.test(name)) fault("must not look like an IP address", "choose another name");
  else if (name.includes("..")) fault("must not hold two dots in a row", `write ${JSON.stringify(kebab(name))}`);
  else if (name !== "" && suffix === undefined && prefix === undefined && !KEBAB.test(name)) kebabFault(name, fault);
  return faults;
}

function kebabFault(name: string, fault: (message: string, fix: string) => void): void {
  const better = kebab(name);
  const message = "must be kebab-case: lower-case letters, digits and single dashes between them";
  fault(message, better === "" ? "choose another name" : `write ${JSON.stringify(better)}`);
}

/** `räw` as `raw`: a letter with a mark is meant as the letter. */
function withoutMarks(name: string): string {
  return name.normalize("NFKD").replaceAll(/\p{M}/gu, "");
}

function kebab(name: string): string {
  return withoutMarks(name)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
}

/** True for a name that begins with a two-digit layer prefix, `00-raw`. */
export function hasLayerPrefix(name: string): boolean {
  return LAYER_PREFIX.test(name);
}

/** ARN of a bucket. */
export function bucketArn(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}

/** ARN of an object, or of many: the key may end in `*`. */
export function objectArn(bucket: string, key: string): string {
  return `${bucketArn(bucket)}/${key}`;
}
