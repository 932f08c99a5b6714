import { UNMANAGED_KINDS, type UnmanagedSpec } from "../config/schema/unmanaged.ts";
import { plainText } from "../config/text/plain.ts";
import { factsDigest } from "../config/values/facts-digest.ts";
import { isBuiltIn } from "../live/built-in-policies.ts";
import type { LiveServer } from "../live/live-server.ts";
import type { Finding } from "../scan/finding.ts";
import { factsOf } from "../scan/unmanaged/facts-of.ts";
import type { Reasons } from "./draft.ts";

/** Why kinds are unmanaged of which nothing more is known. */
const OF_KIND: Readonly<Partial<Record<Finding["subject"]["kind"], string>>> = {
  membership: "a member is in a spec where its group and its user are",
  notification: "its target or filter is none that a spec can name",
  replication:
    "its target's key is with the server alone: declare the other server in bucketworks:remotes and replication in the bucket's spec (docs/replication.md)",
  tier: "tiers are the stack's (bucketworks:tiers), and no lifecycle rule of the specs names this one",
};

/** Why something isn't in the spec: what was found out when it was left out, else what its kind or its policy says. */
export function leftReason({ subject: { kind, name }, message }: Finding, reasons: Reasons): string {
  const own = reasons.get(`${kind === "public grant" ? "bucket" : kind} ${name}`) ?? OF_KIND[kind];
  if (own !== undefined || kind !== "attachment") return own ?? message;
  const policy = name.slice(name.lastIndexOf("/") + 1);
  if (isBuiltIn(policy)) return `${policy} is MinIO's own policy, and no policy of a spec reaches the whole server`;
  const why = reasons.get(`policy ${policy}`);
  return why === undefined ? message : `policy ${policy} is in no spec: ${why}`;
}

/** How a platform file knows something that it doesn't make; null where no entry can hold it. */
export function unmanagedEntry({ kind, subject }: Finding, reason: string, live: LiveServer): UnmanagedSpec | null {
  const known = UNMANAGED_KINDS.find((each) => each === subject.kind);
  const facts = factsOf(subject, live);
  if (kind !== "unmanaged" || known === undefined || !("value" in facts) || facts.value === null) return null;
  const says = [...facts.value];
  return { kind: known, name: plainText(subject.name), digest: factsDigest(says), says, reason: plainText(reason) };
}
