import { shellWord } from "../../config/text/shell.ts";

/** Where the backups of one PostgreSQL server are, and by what they are made. Holds no secret. */
export interface BackupPlace {
  /** Python of the environment that has Barman. */
  readonly python: string;
  /** URL of the S3 API. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Ends in `/`. */
  readonly prefix: string;
  /** Name of the server below the prefix. */
  readonly server: string;
  /** Credentials file in AWS's form, which its owner alone reads. */
  readonly credentials: string;
  /** Folder for what Barman writes for a moment. */
  readonly scratch: string;
}

/** Programs of Barman, by their modules: scripts with an interpreter's path in them don't survive every path. */
export const BARMAN = {
  backup: "barman.clients.cloud_backup",
  list: "barman.clients.cloud_backup_list",
  restore: "barman.clients.cloud_restore",
  archiveWal: "barman.clients.cloud_walarchive",
  restoreWal: "barman.clients.cloud_walrestore",
} as const;

/** Options by which each program finds the store. */
export function storeOptions({ endpoint }: Pick<BackupPlace, "endpoint">): string[] {
  return ["--cloud-provider", "aws-s3", "--addressing-style", "path", "--endpoint-url", endpoint];
}

/** The two arguments that say where the backups of the server are. */
export function storeArguments({
  bucket,
  prefix,
  server,
}: Pick<BackupPlace, "bucket" | "prefix" | "server">): string[] {
  return [`s3://${bucket}/${prefix.replace(/\/+$/, "")}`, server];
}

/** The store as `s3://bucket/prefix/server`, for people. */
export function placeName(place: Pick<BackupPlace, "bucket" | "prefix" | "server">): string {
  return storeArguments(place).join("/");
}

/** Below it lie the segments of the log, in folders, and beside these the histories of its timelines. */
export function walFolder({ prefix, server }: Pick<BackupPlace, "prefix" | "server">): string {
  return `${prefix.replace(/\/+$/, "")}/${server}/wals/`;
}

/** What Barman is told by its environment: the key by a file, and nothing of the shell's. */
export function barmanEnvironment({ credentials, region, scratch }: BackupPlace): Record<string, string> {
  return {
    AWS_SHARED_CREDENTIALS_FILE: credentials,
    // Not the user's own, which may name another profile.
    AWS_CONFIG_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_DEFAULT_REGION: region,
    AWS_MAX_ATTEMPTS: "3",
    TMPDIR: scratch,
    PYTHONNOUSERSITE: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    LC_ALL: "C.UTF-8",
    TZ: "UTC",
  };
}

/**
 * What PostgreSQL calls with the path of a segment of its log. It ends well only when the store has it: PostgreSQL keeps the
 * segment and asks again until then.
 */
export function archiveScript(place: BackupPlace): string {
  return `${preamble(place)}[ -s ${shellWord(place.credentials)} ] || { echo "backup: there is no key for it yet; run make up" >&2; exit 1; }
exec ${barmanCommand(place, BARMAN.archiveWal, ["--gzip"])} "$1"
`;
}

/**
 * What a server that is restored calls for each segment: its name and where to put it. Only where the store answered that
 * there is none does it end with 1, which PostgreSQL takes for the end of the log; what failed otherwise ends the recovery.
 */
export function restoreScript(place: BackupPlace): string {
  // Barman takes a segment of that name out of this folder first, whichever server it is of.
  const options = ["--no-partial", "--spool-dir", `${place.scratch}/spool`];
  return `${preamble(place)}${barmanCommand(place, BARMAN.restoreWal, options)} "$1" "$2" || {
  code=$?
  [ "$code" -ne 1 ] || exit 1
  echo "backup: the store couldn't be asked for $1 (Barman ended with $code)" >&2
  exit 255
}
`;
}

/** One of the scripts as PostgreSQL's settings name it: `%` means something there, and the path may hold one. */
export function scriptCommand(script: string, ...parameters: string[]): string {
  const words = ["/bin/sh", script].map((word) => shellWord(word).replaceAll("%", "%%"));
  return [...words, ...parameters.map((each) => `"${each}"`)].join(" ");
}

/** Lines by which Barman's programs find store and key. */
export function preamble(place: BackupPlace, more: Readonly<Record<string, string>> = {}): string {
  const variables = { ...barmanEnvironment(place), ...more };
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${shellWord(value)}`);
  return `set -u\numask 077\nexport ${lines.join(" ")}\n`;
}

/**
 * A call of one of Barman's programs as a shell reads it.
 * @param server the server's name as a word of a shell, where it is known there alone
 */
export function barmanCommand(
  place: BackupPlace,
  module: string,
  options: readonly string[],
  server = shellWord(place.server),
): string {
  const [store = ""] = storeArguments(place);
  const words = [place.python, "-m", module, "-q", ...storeOptions(place), ...options, store];
  return [...words.map(shellWord), server].join(" ");
}
