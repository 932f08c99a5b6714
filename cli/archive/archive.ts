import { isDeepStrictEqual } from "node:util";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { z } from "zod";
import { counted } from "../terminal/print.ts";

/** Where an archive came from. */
const about = z.strictObject({
  schema: z.literal(1),
  /** ISO 8601, UTC. */
  made: z.iso.datetime(),
  /** URL of the server. */
  server: z.string(),
  stage: z.string(),
});

export type About = Readonly<z.infer<typeof about>>;

/** What a server is rebuilt from, beside the objects of its backups. */
export interface Archive {
  readonly about: About;
  /** MinIO's own export: users, groups, policies and service accounts with their secrets; a zip. */
  readonly identities: Uint8Array;
  /** MinIO's own export: the settings of every bucket; a zip with a folder a bucket. */
  readonly buckets: Uint8Array;
  /** Platform files and the stack's settings, by their path in the checkout. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** Something that is no archive of a server, or of a later version. */
export class ArchiveFault extends Error {
  override readonly name = "ArchiveFault";
}

const ABOUT = "about.json";
const IDENTITIES = "identities.zip";
const BUCKETS = "buckets.zip";
const FILES = "files/";

/** One zip of it all. It holds every key, so it is encrypted before it is written. */
export function packed({ about: from, identities, buckets, files }: Archive): Uint8Array {
  const own = Object.entries(files).map(([path, bytes]) => [`${FILES}${path}`, bytes] as const);
  return zipSync({
    [ABOUT]: strToU8(`${JSON.stringify(from, null, 2)}\n`),
    [IDENTITIES]: identities,
    [BUCKETS]: buckets,
    ...Object.fromEntries(own),
  });
}

/** @throws ArchiveFault */
export function unpacked(bytes: Uint8Array): Archive {
  const entries = zipEntries(bytes, "the archive");
  const { [ABOUT]: from, [IDENTITIES]: identities, [BUCKETS]: buckets } = entries;
  if (from === undefined || identities === undefined || buckets === undefined)
    throw new ArchiveFault("it is no archive of a server: bucketworks export makes one");
  const { success, data, error } = about.safeParse(json(from, ABOUT));
  if (!success) {
    const [issue] = error.issues;
    throw new ArchiveFault(`${ABOUT} ${issue?.path.join(".")}: ${issue?.message}; was a later version its maker?`);
  }
  const files = Object.entries(entries)
    .filter(([path]) => path.startsWith(FILES))
    .map(([path, content]) => [path.slice(FILES.length), content] as const);
  return { about: data, identities, buckets, files: Object.fromEntries(files) };
}

/** Names of what a server has, or an archive. */
export interface Names {
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly policies: readonly string[];
  readonly accounts: readonly string[];
  readonly buckets: readonly string[];
}

/** @throws ArchiveFault where a part is none of MinIO's exports */
export function namesIn({ identities, buckets }: Pick<Archive, "identities" | "buckets">): Names {
  const entries = zipEntries(identities, IDENTITIES);
  const keys = (file: string): string[] => {
    const content = entries[`iam-assets/${file}`];
    const found = content === undefined ? {} : json(content, file);
    return typeof found === "object" && found !== null ? Object.keys(found).sort() : [];
  };
  const folders = Object.keys(zipEntries(buckets, BUCKETS)).map((path) => path.split("/")[0] ?? "");
  return {
    users: keys("users.json"),
    groups: keys("groups.json"),
    policies: keys("policies.json").filter((name) => !BUILT_IN.has(name)),
    accounts: keys("svcaccts.json"),
    buckets: [...new Set(folders)].sort(),
  };
}

/** Policies that every server has from its first start. */
const BUILT_IN: ReadonlySet<string> = new Set(["consoleAdmin", "diagnostics", "readonly", "readwrite", "writeonly"]);

/** For people: `29 buckets, 12 users, ...`. */
export function countsOf({ buckets, users, groups, policies, accounts }: Names): string {
  return [
    counted(buckets.length, "bucket"),
    counted(users.length, "user"),
    counted(groups.length, "group"),
    policies.length === 1 ? "1 policy" : `${policies.length} policies`,
    counted(accounts.length, "service account"),
  ].join(", ");
}

/** What a server has that an archive doesn't: a server that is rebuilt has nothing else. */
export function foreignNames(there: Names, archive: Names): string[] {
  return KINDS.flatMap(([kind, one]) =>
    there[kind].filter((name) => !archive[kind].includes(name)).map((name) => `${one} ${name}`),
  );
}

/**
 * Whose key a server would take back from an archive: users and service accounts of both that have another secret, or are
 * switched off or on. Where a rebuild was interrupted there is none: what it gave is what the archive has.
 * @throws ArchiveFault where a part is none of MinIO's exports
 */
export function otherKeys(
  there: Pick<Archive, "identities" | "buckets">,
  archive: Pick<Archive, "identities" | "buckets">,
): string[] {
  const [live, kept] = [zipEntries(there.identities, IDENTITIES), zipEntries(archive.identities, IDENTITIES)];
  return [["users.json", "user"] as const, ["svcaccts.json", "service account"] as const].flatMap(([file, one]) => {
    const [now, then] = [keysIn(live, file), keysIn(kept, file)];
    const names = Object.keys(then).filter(
      (name) => now[name] !== undefined && !isDeepStrictEqual(now[name], then[name]),
    );
    return names.sort().map((name) => `${one} ${name}`);
  });
}

const keys = z.record(z.string(), z.object({ secretKey: z.string().optional(), status: z.string().optional() }));

function keysIn(entries: Record<string, Uint8Array>, file: string): z.infer<typeof keys> {
  const content = entries[`iam-assets/${file}`];
  const found = keys.safeParse(content === undefined ? {} : (json(content, file) ?? {}));
  if (!found.success) throw new ArchiveFault(`${file} is no list of keys`);
  return found.data;
}

/** What an archive has and a server lacks after it was imported. */
export function missingNames(there: Names, archive: Names): string[] {
  return foreignNames(archive, there);
}

const KINDS = [
  ["users", "user"],
  ["groups", "group"],
  ["policies", "policy"],
  ["accounts", "service account"],
  ["buckets", "bucket"],
] as const;

function zipEntries(bytes: Uint8Array, what: string): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes);
  } catch (error) {
    throw new ArchiveFault(`${what} can't be unpacked: ${(error as Error).message}`);
  }
}

function json(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(strFromU8(bytes));
  } catch {
    throw new ArchiveFault(`${what} is no JSON`);
  }
}
