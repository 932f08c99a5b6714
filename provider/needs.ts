/** What the specs ask of the server itself, by the buckets that need it; the program says it, no state keeps it. */
export interface Needs {
  /** Encryption with the server's own key. */
  readonly defaultKey: readonly string[];
  /** Encryption with keys of the server's KMS, by their names. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  /** Versioning or object lock. */
  readonly versions: readonly string[];
  readonly quotas: readonly string[];
  /** Targets that are told of objects, as NAME:KIND. */
  readonly targets: Readonly<Record<string, readonly string[]>>;
  /** Whether users, groups, policies or service accounts are declared. */
  readonly identities: boolean;
}

/** Whether the server can encrypt with a key; `fault` is what it says against it, in its own words. */
export type KeyState = "yes" | "no KMS" | "no such key" | { readonly fault: string };

/** What the server said; undefined is what it wouldn't tell this identity. */
export interface Abilities {
  /** Whether it can encrypt, by the name of the key; the server's own is `""`. */
  readonly keys: Readonly<Record<string, KeyState | undefined>>;
  readonly admin: boolean | undefined;
  readonly versions: boolean | undefined;
  /** Targets that it was started with, as NAME:KIND. */
  readonly targets: readonly string[] | undefined;
}

/** As the input `needs` of the provider carries it: text, since only text arrives as it was. */
export function needsFrom(text: unknown): Needs | undefined {
  return typeof text === "string" && text !== "" ? (JSON.parse(text) as Needs) : undefined;
}

/** Names of the keys to ask for; `""` is the server's own. */
export function keyNames({ defaultKey, keys }: Needs): string[] {
  return [...(defaultKey.length > 0 ? [""] : []), ...Object.keys(keys)];
}

const SET_UP =
  "start every server with MINIO_KMS_SECRET_KEY=NAME:KEY (base64 of 32 bytes; keep a copy apart) or with a KES, or take encryption out of the specs";

/** What is missing, one clause each: what, for which buckets, what to do. */
export function lacking(needs: Needs, { keys, admin, versions, targets }: Abilities): string[] {
  const faults: string[] = [];
  const encrypted = [...needs.defaultKey, ...Object.values(needs.keys).flat()];
  if (Object.values(keys).includes("no KMS")) {
    faults.push(`has no KMS, and ${ask(encrypted)} for encryption: ${SET_UP}`);
  }
  for (const [name, buckets] of Object.entries(needs.keys)) {
    if (keys[name] !== "no such key") continue;
    faults.push(
      `has no key ${name} in its KMS, and ${ask(buckets)} for it: make the key, or name another in the specs`,
    );
  }
  if (keys[""] === "no such key") {
    faults.push(`can't encrypt with its default key, and ${ask(needs.defaultKey)} for that: check its KMS`);
  }
  for (const [name, state] of Object.entries(keys)) {
    if (typeof state !== "object") continue;
    const [key, buckets] =
      name === "" ? ["its default key", needs.defaultKey] : [`key ${name}`, needs.keys[name] ?? []];
    faults.push(`can't encrypt with ${key}, and ${ask(buckets)} for it: its KMS says "${state.fault}"; fix that`);
  }
  if (admin === false) {
    const who = [
      ...(needs.quotas.length > 0 ? [`${ask(needs.quotas)} for a quota`] : []),
      ...(needs.identities ? ["identities are declared"] : []),
    ];
    faults.push(
      `has no admin API, and ${who.join(" and ")}: bucketworks:endpoint must be MinIO itself, with /minio/admin open to this machine`,
    );
  }
  if (versions === false) {
    faults.push(
      `keeps its data as plain files, and ${ask(needs.versions)} for versioning or object lock: move it to drives in erasure format, which every MinIO since 2022 has`,
    );
  }
  for (const [target, buckets] of targets === undefined ? [] : Object.entries(needs.targets)) {
    if (targets?.includes(target)) continue;
    const there = targets?.length === 0 ? "it has none" : `it has ${targets?.join(", ")}`;
    faults.push(
      `has no target ${target} for notifications (${there}), and ${ask(buckets)} for it: name it in bucketworks:notificationTargets and start the server anew, or name another in the specs (docs/notifications.md)`,
    );
  }
  return faults;
}

/** At most so many buckets are named. */
const NAMED = 5;

function ask(buckets: readonly string[]): string {
  const sorted = [...buckets].sort();
  const names = sorted.slice(0, NAMED).join(", ");
  const more = sorted.length > NAMED ? ` and ${sorted.length - NAMED} more` : "";
  return sorted.length === 1 ? `bucket ${names} asks` : `buckets ${names}${more} ask`;
}
