import type { Difference } from "../../live/compare-settings.ts";
import type { LifecycleRule, ObjectLock } from "../../provider/bucket-types.ts";
import type { Severity } from "../finding.ts";

/** How much a setting that differs endangers data. A bucket's policy is judged by the rights it gives, not here. */
export function bucketRisk({ setting, path, expected, actual }: Difference): Severity {
  switch (setting) {
    case "versioning":
      return actual === true && path === "versioning" ? "low" : "high";
    case "encryption":
      return actual === null ? "high" : "medium";
    case "objectLock":
      return isWeakerLock(path, expected, actual) ? "high" : "medium";
    case "lifecycle":
      return lifecycleRisk(path, expected, actual);
    case "quota":
    // names of objects go where nobody means them to, or somebody isn't told who counts on it
    case "notifications":
      return "medium";
    case "replication":
      return replicationRisk(path, actual);
    default:
      return "low";
  }
}

/** High where new objects aren't copied, are copied elsewhere, or deletions reach the other side. */
function replicationRisk(path: string, actual: unknown): Severity {
  if (/\.(priority|existing_objects)$/.test(path)) return "medium";
  return /\.delete_(markers|versions)$/.test(path) && actual === false ? "low" : "high";
}

function isWeakerLock(path: string, expected: unknown, actual: unknown): boolean {
  if (actual === null) return true;
  if (path.endsWith(".mode")) return actual === ("GOVERNANCE" satisfies ObjectLock["mode"]);
  return typeof expected === "number" && typeof actual === "number" && actual < expected;
}

/** High where objects or versions go sooner, or others than meant. */
function lifecycleRisk(path: string, expected: unknown, actual: unknown): Severity {
  if (isRule(expected) || isRule(actual)) return isRule(actual) && deletes(actual) ? "high" : "medium";
  if (path.endsWith(".Status")) return actual === "Enabled" ? "high" : "medium";
  if (path.includes(".Filter") || actual === true) return "high";
  if (typeof actual === "number" && (typeof expected !== "number" || actual < expected)) return "high";
  return expected === null ? "high" : "medium";
}

function isRule(value: unknown): value is Omit<LifecycleRule, "ID"> {
  return typeof value === "object" && value !== null && "Status" in value;
}

function deletes(rule: Omit<LifecycleRule, "ID">): boolean {
  const { Status, Expiration, NoncurrentVersionExpiration, DelMarkerExpiration } = rule;
  return Status === "Enabled" && Boolean(Expiration ?? NoncurrentVersionExpiration ?? DelMarkerExpiration);
}
