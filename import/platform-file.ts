import { parseSpec } from "../config/document/load.ts";
import type { Grant, ResolvedModel } from "../config/model.ts";
import { resolveModel } from "../config/resolve/resolve.ts";
import { validate } from "../config/rules/validate.ts";
import type { UnmanagedSpec } from "../config/schema/unmanaged.ts";
import { yamlText } from "../config/text/yaml.ts";
import type { Draft } from "./draft.ts";

const GROUP = "imported";

export interface Judged {
  readonly yaml: string;
  readonly model: ResolvedModel;
  readonly faults: readonly { readonly place: string; readonly message: string }[];
}

/** The draft as a platform file, with what `check` says of it. */
export function judged(
  draft: Draft,
  platform: string,
  stage: string,
  unmanaged: readonly UnmanagedSpec[] = [],
): Judged {
  const yaml = yamlText({ ...document(draft), ...(unmanaged.length > 0 && { unmanaged }) });
  const loaded = parseSpec(`${platform}.yaml`, yaml);
  if (loaded.document === null) throw new Error(`the draft is no YAML: ${loaded.issues[0]?.message}`);
  const use = { connection: false, credentials: false };
  const { views, issues } = validate([loaded.document], { stage, env: {}, use });
  const specs = views.map(({ document: of, spec }) => ({ platform: of.platform, spec }));
  const faults = [...loaded.issues, ...issues].map(({ path, message }) => ({ place: path, message }));
  return { yaml, model: faults.length > 0 ? EMPTY : resolveModel(specs, stage), faults };
}

const EMPTY: ResolvedModel = { schemaVersion: 1, stage: "", connection: null, platforms: [] };

/** The shape of a platform file. */
function document({ buckets, policies, groups, users, accounts }: Draft): object {
  const keys = policyKeys(policies);
  const keysOf = (names: readonly string[]): string[] => names.map((name) => keys.get(name) ?? name);
  const access = {
    ...section("policies", policies, (grants, name) => ({ name, grants: grants.map(grantSpec) }), keys),
    ...section("groups", groups, (group) => ({ policies: keysOf(group.policies) })),
    ...section("users", users, (user) => ({
      ...(user.policies.length > 0 && { policies: keysOf(user.policies) }),
      ...(user.groups.length > 0 && { groups: user.groups }),
    })),
    ...section("service_accounts", accounts, (each) => ({ user: each.user, policies: keysOf(each.policies) })),
  };
  const groupsOfBuckets = { [GROUP]: { description: "as found on the server", buckets: [...buckets.values()] } };
  return {
    ...(buckets.size > 0 && { bucket_groups: groupsOfBuckets }),
    ...(Object.keys(access).length > 0 && { access }),
  };
}

function section<T>(
  name: string,
  entries: ReadonlyMap<string, T>,
  spec: (entry: T, name: string) => object,
  keys?: ReadonlyMap<string, string>,
): Record<string, object> {
  if (entries.size === 0) return {};
  const named = [...entries].map(([key, entry]) => [keys?.get(key) ?? key, spec(entry, key)]);
  return { [name]: Object.fromEntries(named) };
}

function grantSpec({ role, bucket, prefixes }: Grant): object {
  return { role, bucket, ...(prefixes.length > 0 && { prefixes }) };
}

/** A key of the language for each name on the server, each once. */
export function policyKeys(policies: Draft["policies"]): Map<string, string> {
  const keys = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of policies.keys()) {
    const plain =
      name
        .toLowerCase()
        .replaceAll(/[^a-z0-9_-]+/g, "-")
        .replaceAll(/^[^a-z]+|-+$/g, "") || "policy";
    let key = plain;
    for (let number = 2; taken.has(key); number++) key = `${plain}-${number}`;
    keys.set(name, key);
    taken.add(key);
  }
  return keys;
}
