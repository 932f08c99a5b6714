import type { Path } from "../document/source-tree.ts";
import type { Fault, SpecIssue } from "../issues.ts";
import type { BucketSpec } from "../schema/bucket.ts";
import { shownText } from "../schema/values.ts";
import { encryptionFix } from "../values/encryption.ts";
import { bucketNameFaults, hasLayerPrefix } from "../values/names.ts";
import { quotaBytes, quotaFix } from "../values/quota.ts";
import type { BucketRule, DocumentRule, StackRule } from "./rule.ts";
import { type BucketView, placeFault, standsAlready, type View } from "./stage-view.ts";

/** S3's, MinIO's and our own rules on names. */
export const bucketNames: BucketRule = ({ bucket, path }) =>
  bucketNameFaults(bucket.name).map(({ message, fix }) => ({
    code: "bucket-name",
    path: [...path, "name"],
    message: `bucket name ${shownText(bucket.name)} ${message}`,
    fix,
  }));

/** A name is one bucket on the server, whatever file or group it stands in. */
export const duplicateBuckets: StackRule = (views) => {
  const first = new Map<string, { view: View; bucket: BucketView }>();
  const issues: SpecIssue[] = [];
  for (const view of views) {
    for (const bucket of view.buckets) {
      const name = bucket.bucket.name;
      const path = [...bucket.path, "name"];
      const before = first.get(name);
      if (before === undefined) {
        first.set(name, { view, bucket });
        continue;
      }
      const already = standsAlready({ view: before.view, path: [...before.bucket.path, "name"] }, { view, path });
      const message = `bucket ${shownText(name)} ${already}`;
      const fault: Fault = { code: "duplicate-bucket", path, message, fix: "remove one of the two, or rename it" };
      issues.push(placeFault(fault, view.document, view.stage, view.root));
    }
  }
  return issues;
};

/** `naming: layered` wants a two-digit prefix; an exception must name a bucket of the file. */
export const naming: DocumentRule = ({ spec, buckets, hasAllBuckets, isKnown, original }) => {
  const layered = spec.metadata?.naming === "layered";
  const exceptions = spec.metadata?.naming_exceptions ?? [];
  const faults: Fault[] = [];
  for (const { bucket, path } of layered ? buckets : []) {
    if (hasLayerPrefix(bucket.name) || exceptions.includes(bucket.name)) continue;
    const message = `bucket name ${shownText(bucket.name)} must begin with a two-digit layer prefix (naming: layered)`;
    const fix = `write for example ${shownText(`00-${bucket.name}`)}, or add the name to metadata.naming_exceptions`;
    const involved = [
      ["metadata", "naming"],
      ["metadata", "naming_exceptions"],
    ];
    faults.push({ code: "layer-prefix", path: [...path, "name"], involved, message, fix });
  }
  for (const [index, name] of exceptions.entries()) {
    const path = original(["metadata", "naming_exceptions", index]);
    if (!layered && isKnown(["metadata", "naming"])) {
      const message = "naming_exceptions has no effect without naming: layered";
      faults.push({ code: "naming-exception", path, involved: [["metadata", "naming"]], message, fix: "remove it" });
    } else if (layered && hasAllBuckets && !buckets.some(({ bucket }) => bucket.name === name)) {
      const message = `naming exception ${shownText(name)} names no bucket of this file`;
      faults.push({ code: "naming-exception", path, message, fix: "remove it, or fix the name" });
    }
  }
  return faults;
};

/** Keys of groups are for people and for overlays. */
export const groupNames: DocumentRule = ({ spec }) =>
  Object.keys(spec.bucket_groups ?? {})
    .filter((key) => !/^[a-z][a-z0-9_-]*$/.test(key))
    .map((key) => ({
      code: "key-name",
      path: ["bucket_groups", key],
      onKey: true,
      message: `group ${shownText(key)} must begin with a lower-case letter and hold letters, digits, _ and -`,
      fix: "rename the group",
    }));

/** Quota and encryption, each where it is written: on the group or on the bucket. */
export const settingTexts: BucketRule = ({ bucket, group, path, groupPath }) => [
  ...settingFaults(bucket, path),
  ...settingFaults(group, groupPath),
];

function settingFaults({ quota, encryption }: Pick<BucketSpec, "quota" | "encryption">, owner: Path): Fault[] {
  const faults: Fault[] = [];
  const result = quota === undefined ? null : quotaBytes(quota);
  if (quota !== undefined && result !== null && "fault" in result) {
    const message = `quota ${shownText(quota)} ${result.fault}`;
    faults.push({ code: "quota", path: [...owner, "quota"], message, fix: quotaFix(quota) });
  }
  const right = /^(?:none|sse-s3|sse-kms:[A-Za-z0-9][A-Za-z0-9._-]*)$/;
  if (encryption !== undefined && !right.test(encryption)) {
    const message = `must be none, sse-s3 or sse-kms:<key name>, got ${shownText(encryption)}`;
    faults.push({ code: "encryption", path: [...owner, "encryption"], message, fix: encryptionFix(encryption) });
  }
  return faults;
}
