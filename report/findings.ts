import { sideWords } from "../live/bucket-words.ts";
import { beyond } from "../live/covering.ts";
import { rightsOf } from "../live/rights.ts";
import type { PolicyDocument } from "../provider/bucket-types.ts";
import type { Finding } from "../verify/buckets.ts";
import type { ForgedReport } from "../verify/forged/forged-report.ts";
import type { IdentityFinding } from "../verify/identities/verify-identities.ts";
import type { ReportFinding } from "./schema.ts";

/** The stack that brings the server to its specs, for cures. */
type Stack = string;

const SERVERS_PAGE = "docs/servers.md says which servers refuse it, and what to put before one that doesn't";

/** A setting that isn't as the spec says; critical where the bucket is missing, or anyone may what its spec doesn't say. */
export function settingFinding(finding: Finding, stack: Stack): ReportFinding {
  const { setting, path, expected, actual } = finding;
  const update = `pulumi up --stack ${stack}`;
  if (setting === "bucket") {
    const cure = `${update} makes it again, empty: what was in it comes back from a backup alone; if it is gone on purpose, take it out of the spec`;
    return { severity: "critical", check: "exists", path, expected: "present", actual: "missing", cure };
  }
  const check = setting === "objectLock" ? "object_lock" : setting;
  const open = setting === "policy" && isOpen(expected, actual);
  const cure = open
    ? `close it at once: ${update} writes the spec's policy; then look in the server's log who read or wrote meanwhile`
    : `${update} writes what the spec says; if the server is right, change the spec`;
  return { severity: open ? "critical" : "warning", check, path, ...sideWords(finding), cure };
}

function isOpen(expected: unknown, actual: unknown): boolean {
  const [wanted, held] = [expected, actual].map((side) => rightsOf((side as PolicyDocument | null) ?? undefined));
  return beyond(held ?? [], wanted ?? []).some(({ allow, anyone }) => allow && anyone);
}

/** What an identity may and shouldn't, which is critical, or should and may not. */
export function identityFinding(finding: IdentityFinding, stack: Stack): ReportFinding {
  const { identity, operation, bucket, key, expected, actual } = finding;
  const place = bucket === null ? "" : ` ${bucket}${key ? `/${key}` : ""}`;
  const path = `access: ${identity} ${operation}${place}`;
  const about = { check: "identities", path, expected, actual };
  if (operation === "act for a user") {
    const cure = `find out who made it; if nobody uses it: mc admin user svcacct rm ALIAS ${identity}`;
    return { severity: "critical", ...about, cure };
  }
  if (operation === "use its key") {
    const cure = `bucketworks key rotate ${identity} --stack ${stack} makes a key that works; pulumi up --stack ${stack} makes an identity that is missing`;
    return { severity: "warning", ...about, cure };
  }
  const cure = `pulumi up --stack ${stack} brings its policies to the spec; bucketworks scan --stage ${stack} names policies and groups that the spec doesn't have`;
  return { severity: expected === "refused" ? "critical" : "warning", ...about, cure };
}

/** A bucket that took a forged request, or may hold what a try left. */
export interface ForgedIn {
  readonly bucket: string;
  readonly finding: ReportFinding;
}

export function forgedFindings({ findings, left }: ForgedReport): ForgedIn[] {
  const letIn = findings.flatMap(({ advisory, requests, left: stored }) =>
    [...new Set(requests.map(({ bucket }) => bucket))].map((bucket): ForgedIn => {
      const [first] = requests.filter((request) => request.bucket === bucket);
      const stays = stored.length === 0 ? "" : `; delete ${stored.join(", ")}, which may be stored still`;
      const actual = `${first?.request} was carried out (answer ${first?.answer})`;
      const about = { severity: "critical", check: "forged", path: advisory, expected: "refused", actual } as const;
      return { bucket, finding: { ...about, cure: `${SERVERS_PAGE}${stays}` } };
    }),
  );
  const remains = left.map((place): ForgedIn => {
    const cure = `delete ${place}: the key of verify may not`;
    const about = { severity: "warning", check: "forged", path: place, expected: "nothing left" } as const;
    return { bucket: place.split("/")[0] ?? "", finding: { ...about, actual: "may be stored still", cure } };
  });
  return [...letIn, ...remains];
}
