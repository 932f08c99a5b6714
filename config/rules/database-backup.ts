import { defaults } from "../defaults.ts";
import type { Path } from "../document/source-tree.ts";
import type { Fault, SpecIssue } from "../issues.ts";
import { shownText } from "../schema/values.ts";
import { secondsFix, secondsIn } from "../values/duration.ts";
import { accessFaults, bucketFaults } from "./platform-services.ts";
import { keyFault } from "./prefixes.ts";
import type { DocumentRule, StackRule } from "./rule.ts";
import { placeFault, placeName } from "./stage-view.ts";

const PATH: Path = ["database_backup"];
/** PostgreSQL's own limit of `archive_timeout` is 12 days; a day is what anybody can mean. */
const LONGEST = 86_400;

/** Bucket and key are of this file, and the key may do what backups need: list, read and write, never delete. */
export const databaseBackup: DocumentRule = (view) => {
  const spec = view.spec.database_backup;
  if (spec === undefined) return [];
  const { bucket, service_account: account, prefix = defaults.databaseBackup.prefix } = spec;
  const faults = [...bucketFaults(view, bucket, [...PATH, "bucket"]), ...prefixFault(prefix), ...timeoutFault(spec)];
  if (faults.length > 0) return faults;
  // Barman asks for the bucket itself first.
  const needs = [
    { account, bucket, prefix: "", roles: ["list", "read", "read_write"] as const },
    { account, bucket, prefix, roles: ["read", "read_write"] as const },
    { account, bucket, prefix, roles: ["write", "read_write"] as const },
  ];
  return needs.map((use) => accessFaults(view, use, PATH)).find((found) => found.length > 0) ?? [];
};

/** One PostgreSQL server serves a stack: its log goes to one place. */
export const oneDatabaseBackup: StackRule = (views) => {
  const [first, ...others] = views.filter(({ spec }) => spec.database_backup !== undefined);
  if (first === undefined) return [];
  return others.map((view): SpecIssue => {
    const message = `databases are backed up as ${placeName(first, PATH, true)} says, and one PostgreSQL server serves the whole stack`;
    const fault: Fault = {
      code: "duplicate-name",
      path: PATH,
      onKey: true,
      message,
      fix: "leave it out of one of the two",
    };
    return placeFault(fault, view.document, view.stage, view.root);
  });
};

function prefixFault(prefix: string): Fault[] {
  const path = [...PATH, "prefix"];
  const wrong = prefix === "" ? { message: "is empty", fix: "write databases/" } : keyFault(prefix);
  if (wrong !== null)
    return [{ code: "prefix", path, message: `${shownText(prefix)} ${wrong.message}`, fix: wrong.fix }];
  if (prefix.endsWith("/")) return [];
  return [
    {
      code: "prefix",
      path,
      message: `${shownText(prefix)} has no / at its end`,
      fix: `write ${shownText(`${prefix}/`)}`,
    },
  ];
}

function timeoutFault({ archive_timeout: given }: { readonly archive_timeout?: string | undefined }): Fault[] {
  if (given === undefined) return [];
  const seconds = secondsIn(given);
  const path = [...PATH, "archive_timeout"];
  if (seconds !== null && seconds <= LONGEST) return [];
  const message = `${shownText(given)} is no time up to a day like 60s, 5m or 1h`;
  return [{ code: "service-value", path, message, fix: seconds === null ? secondsFix(given) : "write 24h or less" }];
}
