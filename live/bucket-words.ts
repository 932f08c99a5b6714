import { lifecycleRules } from "../builders/lifecycle-document.ts";
import type { ResolvedModel } from "../config/model.ts";
import type { Encryption, LifecycleRule, ObjectLock, PolicyDocument } from "../provider/bucket-types.ts";
import type { WaitingRule } from "./compare-bucket.ts";
import type { Difference } from "./compare-settings.ts";

/** One line a person understands: `00-raw tags.layer: expected "L0", is "L9"`. */
export function findingLine(finding: Difference & { readonly bucket: string }): string {
  const { bucket, setting, path } = finding;
  if (setting === "bucket") return `${bucket}: missing, the server has no such bucket`;
  const words = sideWords(finding);
  return `${bucket} ${path}: expected ${words.expected}, is ${words.actual}`;
}

/** What a setting should be and what it is, for people. */
export function sideWords({ setting, path, expected, actual }: Difference): { expected: string; actual: string } {
  if (setting === "replication") return { expected: text(expected), actual: text(actual) };
  const whole = path === setting || (setting === "lifecycle" && isRule(expected ?? actual));
  if (setting === "notifications") return { expected: toldWords(expected), actual: toldWords(actual) };
  const words = (value: unknown): string => (whole ? settingWords(setting, value) : plain(value));
  return { expected: words(expected), actual: words(actual) };
}

/** One line a tier that rules wait for. */
export function waitingLines(waiting: readonly WaitingRule[]): string[] {
  return [...new Set(waiting.map(({ tier }) => tier))].map((tier) => {
    const rules = waiting.filter((rule) => rule.tier === tier);
    const which = rules.map(({ bucket, rule }) => `${bucket} lifecycle.${rule}`).join(", ");
    return `the server has no tier ${tier}, so not applied: ${which}`;
  });
}

/** What a reader of right settings could take for wrong; nothing where no rule expires anything. */
export function expiryLines({ platforms }: ResolvedModel): string[] {
  const expires = platforms.some(({ buckets }) =>
    buckets
      .flatMap(lifecycleRules)
      .some(({ Status, Expiration, NoncurrentVersionExpiration: old }) => Status === "Enabled" && (Expiration ?? old)),
  );
  const note = "expiry is asynchronous: objects past their age may still be there until the server comes to them";
  return expires ? [note] : [];
}

function settingWords(setting: Difference["setting"], value: unknown): string {
  if (value === null) return setting === "policy" ? "private" : "none";
  switch (setting) {
    case "versioning":
      return value === true ? "on" : "off";
    case "encryption":
      return encryptionWords(value as Encryption);
    case "objectLock":
      return lockWords(value as ObjectLock);
    case "policy":
      return policyWords(value as PolicyDocument);
    case "quota":
      return `${value} bytes`;
    case "lifecycle":
      return ruleWords(value as Omit<LifecycleRule, "ID">);
    default:
      return plain(value);
  }
}

function toldWords(events: unknown): string {
  return events === null ? "told of nothing" : `told of ${list(events)}`;
}

/** Words stay words. */
function text(value: unknown): string {
  return typeof value === "string" && value !== "" ? value : plain(value);
}

function plain(value: unknown): string {
  return value === null ? "none" : JSON.stringify(value);
}

function isRule(value: unknown): boolean {
  return typeof value === "object" && value !== null && "Filter" in value;
}

function encryptionWords({ algorithm, keyId }: Encryption): string {
  if (algorithm === "AES256") return "sse-s3";
  return algorithm === "aws:kms" ? `sse-kms:${keyId ?? ""}` : algorithm;
}

function lockWords({ mode, days }: ObjectLock): string {
  if (mode === undefined) return "object lock without default retention";
  return `${mode.toLowerCase()} for ${days} days`;
}

function ruleWords(rule: Omit<LifecycleRule, "ID">): string {
  const { Status, Filter, ...actions } = rule;
  const what = Object.entries(actions).map(([name, value]) => `${name} ${plain(value)}`);
  const limit = Object.keys(Filter).length > 0 ? ` where ${plain(Filter)}` : "";
  return `a rule ${Status === "Enabled" ? "" : "(disabled) "}with ${what.join(", ")}${limit}`;
}

/** `anyone may s3:GetObject on arn:aws:s3:::b/*`, a statement each. */
function policyWords({ Statement }: PolicyDocument): string {
  const clauses = Statement.map((statement) => {
    const { Effect, Principal, Action, NotAction, Resource, NotResource, Condition } = statement;
    const who = isAnyone(Principal) ? "anyone" : plain(Principal ?? null);
    const deed = Action === undefined ? `all but ${list(NotAction)}` : list(Action);
    const where = Resource === undefined ? `all but ${list(NotResource)}` : list(Resource);
    const when = Condition === undefined ? "" : ` when ${plain(Condition)}`;
    return `${who} ${Effect === "Allow" ? "may" : "may not"} ${deed} on ${where}${when}`;
  });
  return clauses.join("; ");
}

function isAnyone(principal: unknown): boolean {
  return JSON.stringify(principal) === '{"AWS":["*"]}';
}

function list(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : String(value);
}
