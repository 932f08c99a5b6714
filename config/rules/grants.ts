import type { Path } from "../document/source-tree.ts";
import type { Fault } from "../issues.ts";
import type { GrantSpec } from "../schema/access.ts";
import { shownText } from "../schema/values.ts";
import { prefixFaults } from "./prefixes.ts";
import type { DocumentRule } from "./rule.ts";
import type { View } from "./stage-view.ts";

const MOST_SHOWN = 4;

/** True for text that a policy of the server would read as a pattern. */
export function isWildcard(text: string): boolean {
  return /[*?]/.test(text);
}

/** Grants reach the bucket and the prefixes they name, and no pattern. */
export const grants: DocumentRule = (view) => {
  const faults: Fault[] = [];
  for (const [key, policy] of Object.entries(view.spec.access?.policies ?? {})) {
    const seen = new Map<string, number>();
    for (const [item, grant] of policy.grants.entries()) {
      const path = view.original(["access", "policies", key, "grants", item]);
      const index = Number(path.at(-1));
      faults.push(...wildcardBucket(view, grant, path), ...prefixFaultsOf(grant, path));
      const same = seen.get(canonical(grant));
      if (same !== undefined) {
        const message = `grant ${index + 1} of policy ${key} is the same as grant ${same + 1}`;
        faults.push({ code: "repeated-entry", path, message, fix: "remove one of the two" });
      } else seen.set(canonical(grant), index);
    }
  }
  return faults;
};

/** Lists of policies and groups name each once: the second is most likely meant to be another. */
export const repeatedNames: DocumentRule = (view) => {
  const { groups = {}, users = {}, service_accounts = {} } = view.spec.access ?? {};
  const faults: Fault[] = [];
  const judge = (names: readonly string[] | undefined, path: Path): void => {
    for (const [index, name] of (names ?? []).entries()) {
      if (names?.indexOf(name) === index) continue;
      const at = view.original([...path, index]);
      faults.push({
        code: "repeated-entry",
        path: at,
        message: `${shownText(name)} stands in this list already`,
        fix: repeatedFix,
      });
    }
  };
  for (const [key, group] of Object.entries(groups)) judge(group.policies, ["access", "groups", key, "policies"]);
  for (const [key, user] of Object.entries(users)) {
    judge(user.policies, ["access", "users", key, "policies"]);
    judge(user.groups, ["access", "users", key, "groups"]);
  }
  for (const [key, account] of Object.entries(service_accounts)) {
    judge(account.policies, ["access", "service_accounts", key, "policies"]);
  }
  return faults;
};

const repeatedFix = "remove it, or write the one that was meant";

function wildcardBucket(view: View, { bucket }: GrantSpec, path: Path): Fault[] {
  if (!isWildcard(bucket)) return [];
  const before = bucket.replace(/[*?].*$/s, "");
  const meant = view.buckets.map((each) => each.bucket.name).filter((name) => name.startsWith(before));
  const list = meant.length > MOST_SHOWN ? `${meant.slice(0, MOST_SHOWN).join(", ")}, ...` : meant.join(", ");
  const message = `bucket ${shownText(bucket)} is a wildcard, a grant names one bucket of this file`;
  const fix = `write a grant for each bucket${list === "" ? "" : `: ${list}`}`;
  return [{ code: "wildcard-grant", path: [...path, "bucket"], message, fix }];
}

function prefixFaultsOf({ role, prefixes = [] }: GrantSpec, path: Path): Fault[] {
  if (role === "inspect" && prefixes.length > 0) {
    const message = "prefixes limit nothing here: role inspect reads settings, which are of the whole bucket";
    return [{ code: "grant-prefixes", path: [...path, "prefixes"], message, fix: "remove prefixes" }];
  }
  return prefixes.flatMap((prefix, index) => {
    const at = [...path, "prefixes", index];
    if (prefixes.indexOf(prefix) !== index) {
      const message = `${shownText(prefix)} stands in this list already`;
      return [{ code: "repeated-entry" as const, path: at, message, fix: repeatedFix }];
    }
    if (!isWildcard(prefix)) return prefixFaults(prefix, at);
    const before = prefix.replace(/[*?].*$/s, "");
    const message = `prefix ${shownText(prefix)} holds a wildcard, a prefix reaches every key that begins with it`;
    const fix = before === "" ? "remove prefixes to grant the whole bucket" : `write ${shownText(before)}`;
    return [{ code: "wildcard-grant" as const, path: at, message, fix }];
  });
}

function canonical({ role, bucket, prefixes = [] }: GrantSpec): string {
  return JSON.stringify([role, bucket, [...new Set(prefixes)].sort()]);
}
