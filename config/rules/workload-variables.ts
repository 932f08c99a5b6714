import type { Path } from "../document/source-tree.ts";
import type { Fault } from "../issues.ts";
import { shownText } from "../schema/values.ts";
import type { ProgramSpec } from "../schema/workload.ts";

/** What every pod is given: its only writable folder, its place, and files that are mounted. */
const OF_POD: readonly string[] = [
  ...["HOME", "TMPDIR", "ENVIRONMENT", "BUCKETWORKS_STAGE", "BUCKETWORKS_SERVER", "CONFIG_DIR", "BUCKET_CONFIG_FILE"],
  ...["BUCKETWORKS_CA_FILE", "AWS_CA_BUNDLE", "PGSSLROOTCERT"],
];
/** What a program is given as well, by the key that asks for it. */
const BY_KEY: Readonly<Record<keyof Holder, RegExp>> = {
  service_account:
    /^(?:MINIO_(?:ENDPOINT|SECURE|ACCESS_KEY|SECRET_KEY)|AWS_(?:ENDPOINT_URL_S3|REGION|DEFAULT_REGION|ACCESS_KEY_ID|SECRET_ACCESS_KEY))$/,
  database_role: /^(?:PG_?(?:HOST|PORT|USER|PASSWORD|DATABASE)|PGSSLMODE)$/,
};
const SECRET = /^(?:MINIO|AWS)_(?:ACCESS|SECRET)|^PG_?PASSWORD$/;

/** With whose rights a program runs. */
type Holder = Pick<ProgramSpec, "service_account" | "database_role">;

/**
 * Names that no variable has, names of what the pod is given, and keys that must not stand in a file. Never shows a value.
 * @param path of the map that holds `variables`
 * @param holders programs that get them
 */
export function variableFaults(variables: ProgramSpec["variables"], path: Path, holders: readonly Holder[]): Fault[] {
  return Object.keys(variables ?? {}).flatMap((name): Fault[] => {
    const at = { path: [...path, "variables", name], onKey: true };
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      const message = `variable ${shownText(name)} must begin with a letter or _ and hold letters, digits and _`;
      return [{ code: "workload-value", ...at, message, fix: "rename it" }];
    }
    const given = givenBy(name, holders);
    return given === null ? [] : [{ code: "workload-variable", ...at, ...given }];
  });
}

function givenBy(name: string, holders: readonly Holder[]): Pick<Fault, "message" | "fix"> | null {
  if (OF_POD.includes(name)) {
    return { message: `variable ${name} is set by bucketworks, for every pod`, fix: "remove it" };
  }
  for (const key of ["service_account", "database_role"] as const) {
    if (!BY_KEY[key].test(name)) continue;
    const isHeld = holders.some((holder) => holder[key] !== undefined);
    if (isHeld) return { message: `variable ${name} is set by bucketworks, by ${key}`, fix: "remove it" };
    if (SECRET.test(name)) {
      const message = `variable ${name} is a part of a key, and everybody reads this file`;
      return { message, fix: `remove it, and name whose it is as ${key}` };
    }
  }
  return null;
}
