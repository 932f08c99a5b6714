import { formatPath, type Node, nodeAt, type Path } from "../document/source-tree.ts";
import type { Fault } from "../issues.ts";
import { shownText } from "../schema/values.ts";
import { nearest } from "../values/nearest.ts";
import { BUILT_IN_POLICIES } from "./access-names.ts";
import { isWildcard } from "./grants.ts";
import type { DocumentRule } from "./rule.ts";
import type { View } from "./stage-view.ts";

type Kind = "policy" | "group" | "user" | "bucket";

interface Reference {
  readonly kind: Kind;
  readonly name: string;
  /** Path in the merged document. */
  readonly path: Path;
}

const PLACES = { policy: "access.policies", group: "access.groups", user: "access.users", bucket: "bucket_groups" };
const MOST_SHOWN = 8;

/** What `access` names must stand in the same file: a platform can be read, reviewed and removed by itself. */
export const references: DocumentRule = (view) => {
  const declared = { policy: keysOf(view, "policies"), group: keysOf(view, "groups"), user: keysOf(view, "users") };
  const known: Record<Kind, readonly string[]> = { ...declared, bucket: view.buckets.map(({ bucket }) => bucket.name) };
  return referencesOf(view)
    .filter(({ kind, name }) => !known[kind].includes(name) && isCertain(view, kind, name))
    .map((reference) => danglingFault(view, reference, known[reference.kind]));
};

function danglingFault(view: View, { kind, name, path }: Reference, there: readonly string[]): Fault {
  const list = there.length > MOST_SHOWN ? `${there.slice(0, MOST_SHOWN).join(", ")}, ...` : there.join(", ");
  const has = list === "" ? "nor any other" : `it has ${list}`;
  const removed = removedPlaces(view, kind, name);
  if (removed.length > 0) {
    const message = `${kind} ${shownText(name)} is gone, but ${formatPath(path)} names it`;
    const fix = "keep it in this stage, or remove what names it as well";
    return { code: "dangling-reference", path, involved: removed, message, fix };
  }
  const message = `this file has no ${kind} ${shownText(name)}, ${has}`;
  return { code: "dangling-reference", path, message, fix: fixOf(view, kind, name, there) };
}

function referencesOf(view: View): Reference[] {
  const { policies = {}, groups = {}, users = {}, service_accounts = {} } = view.spec.access ?? {};
  const found: Reference[] = [];
  const add = (kind: Kind, name: string, path: Path): void => {
    if (kind !== "bucket" || !isWildcard(name)) found.push({ kind, name, path: view.original(path) });
  };
  const addAll = (kind: Kind, names: readonly string[] | undefined, path: Path): void => {
    for (const [index, name] of (names ?? []).entries()) add(kind, name, [...path, index]);
  };
  for (const [key, { grants }] of Object.entries(policies)) {
    for (const [index, grant] of grants.entries()) {
      add("bucket", grant.bucket, ["access", "policies", key, "grants", index, "bucket"]);
    }
  }
  for (const [key, group] of Object.entries(groups)) {
    addAll("policy", group.policies, ["access", "groups", key, "policies"]);
  }
  for (const [key, user] of Object.entries(users)) {
    addAll("policy", user.policies, ["access", "users", key, "policies"]);
    addAll("group", user.groups, ["access", "users", key, "groups"]);
  }
  for (const [key, account] of Object.entries(service_accounts)) {
    add("user", account.user, ["access", "service_accounts", key, "user"]);
    addAll("policy", account.policies, ["access", "service_accounts", key, "policies"]);
  }
  return found;
}

function keysOf({ spec }: View, section: "policies" | "groups" | "users"): string[] {
  return Object.keys(spec.access?.[section] ?? {});
}

/** False where the thing named may be there with a fault of its own. */
function isCertain(view: View, kind: Kind, name: string): boolean {
  return kind === "bucket" ? view.hasAllBuckets : view.isKnown([...PLACES[kind].split("."), name]);
}

/** Where an overlay took away what is missed. Which group held a bucket isn't known any more, so each counts. */
function removedPlaces(view: View, kind: Kind, name: string): Path[] {
  const place = PLACES[kind].split(".");
  const candidates = [place, ...removedKeys(nodeAt(view.root, place)).map((key) => [...place, key])];
  const wanted = (path: Path): boolean => kind === "bucket" || path.length === place.length || path.at(-1) === name;
  return candidates
    .filter((path) => removedKeys(nodeAt(view.root, path.slice(0, -1))).includes(String(path.at(-1))))
    .filter(wanted);
}

function removedKeys(node: Node | undefined): string[] {
  return node?.kind === "map" ? [...node.removed.keys()] : [];
}

function fixOf(view: View, kind: Kind, name: string, there: readonly string[]): string {
  if (kind === "policy") {
    const byServerName = Object.entries(view.spec.access?.policies ?? {}).find(
      ([key, policy]) => name === (policy.name ?? `${view.document.platform}-${key}`),
    );
    if (byServerName !== undefined) return `write its key, ${byServerName[0]}`;
    if (BUILT_IN_POLICIES.includes(name)) {
      return `write a policy with grants: MinIO's own ${name} reaches every bucket of the server`;
    }
  }
  const near = nearest(name, there);
  if (near !== null) return `did you mean ${near}?`;
  return kind === "bucket" ? "name a bucket of this file, or add it" : `add it to ${PLACES[kind]}, or fix the name`;
}
