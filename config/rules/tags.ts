import type { Path } from "../document/source-tree.ts";
import type { Fault } from "../issues.ts";
import { shownText } from "../schema/values.ts";
import type { BucketRule } from "./rule.ts";

/** S3 and MinIO allow 50 tags on a bucket and 10 on an object (minio-go, pkg/tags). */
const MOST = { bucket: 50, object: 10 } as const;
const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;
const ALLOWED = /^[a-zA-Z0-9+\-._:/@ =]*$/;

/** Limits of S3's tags, on buckets and in the filters of lifecycle rules. */
export const tags: BucketRule = ({ bucket, path, rules }) => [
  ...tagFaults(bucket.tags ?? {}, [...path, "tags"], "bucket"),
  ...rules.flatMap(({ rule, path: at }) => tagFaults(rule.tags ?? {}, [...at, "tags"], "object")),
];

function tagFaults(given: Readonly<Record<string, string>>, path: Path, kind: keyof typeof MOST): Fault[] {
  const faults: Fault[] = [];
  const count = Object.keys(given).length;
  if (count > MOST[kind]) {
    const message = `${count} tags, allowed are ${MOST[kind]} on ${kind === "bucket" ? "a bucket" : "an object"}`;
    faults.push({ code: "tags", path, onKey: true, message, fix: "remove some" });
  }
  for (const [key, value] of Object.entries(given)) {
    const wrongKey = key === "" ? "is empty" : (textFault(key, LONGEST_KEY) ?? reservedFault(key));
    if (wrongKey !== null) {
      const message = `tag key ${shownText(key)} ${wrongKey}`;
      faults.push({ code: "tags", path: [...path, key], onKey: true, message, fix: "rename the tag" });
    }
    const wrongValue = textFault(value, LONGEST_VALUE);
    if (wrongValue !== null) {
      const message = `value ${shownText(value)} of tag ${key} ${wrongValue}`;
      faults.push({ code: "tags", path: [...path, key], message, fix: "change the value" });
    }
  }
  return faults;
}

function textFault(text: string, longest: number): string | null {
  if ([...text].length > longest) return `is longer than ${longest} characters`;
  return ALLOWED.test(text) ? null : "holds a character other than letters, digits, space and + - . _ : / @ =";
}

function reservedFault(key: string): string | null {
  return key.toLowerCase().startsWith("aws:") ? "begins with aws:, which S3 reserves" : null;
}
