import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bucketworks } from "../support/cli.ts";
import { PlatformServers } from "../support/pipelines/platform-servers.ts";
import { ROOT } from "../support/toolchain.ts";

const PYTHON = join(ROOT, ".bucketworks/pipelines/features/bin/python");
const scratch = mkdtempSync(join(tmpdir(), "features-"));
const NAMES = ["HOST", "PORT", "USER", "PASSWORD", "DATABASE"];

let servers: PlatformServers;
let env: Record<string, string>;

beforeAll(async () => {
  execFileSync("sh", [join(ROOT, "toolchain/pipelines.sh"), "--features"], { cwd: ROOT });
  servers = await PlatformServers.start("mlops");
  const settings = await servers.settings("feature-store", "mlops_feature_store");
  const login = Object.fromEntries(NAMES.map((name) => [`PG${name}`, settings[`PG_${name}`] ?? ""]));
  env = { ...settings, ...login, HOME: scratch, LOG_FOLDER: join(scratch, "logs") };
}, 120_000);

afterAll(async () => {
  await servers?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const feature = (...args: string[]) => bucketworks(["feature", ...args], { env });

/** Adds a file of two texts, as who computes the features of mlops. */
async function texts(): Promise<void> {
  const key = await servers.key("data-pipeline");
  const program = `
import datetime as dt, io, os, pyarrow as pa, pyarrow.parquet as pq
from minio import Minio
at = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
rows = [{"text_id": name, "event_timestamp": at, "created_at": at, "characters": 10 * n, "words": n, "digit_share": 0.5,
         "capital_share": 0.0, "foreign_share": 0.0} for name, n in (("one", 1), ("two", 2))]
out = io.BytesIO(); pq.write_table(pa.Table.from_pylist(rows), out)
given = {name: os.environ["MINIO_" + name.upper()] for name in ("endpoint", "access_key", "secret_key")}
Minio(**given, secure=False).put_object("mlops-features", "feature_group=texts/version=1/1.parquet", io.BytesIO(out.getvalue()), len(out.getvalue()))`;
  execFileSync(PYTHON, ["-c", program], { env: { PATH: process.env.PATH, ...key } });
}

describe("feature, of the platform mlops", () => {
  test("ML-043, ML-044: definitions are applied, go online and are read, each by its command", async () => {
    const before = await feature("status");
    expect(before.stdout).toContain("to apply: texts: new, 5 features");
    expect(before.code).toBe(1);
    await texts();
    const applied = await feature("apply");
    expect(applied.stderr).toBe("");
    expect(applied.stdout).toBe("texts: new, 5 features\nentity text: new, by text_id\n");
    expect((await feature("apply")).stdout).toBe("features of mlops: nothing to change\n");
    expect((await feature("materialize")).stdout).toMatch(/^texts:words +2 +0 % +0 % +-$/m);
    const got = await feature("get", "text_id=two", "--features", "texts:words,texts:digit_share");
    expect(got.stdout).toMatch(/^texts:words +2 +present +\d{4}-/m);
    const status = await feature("status", "--format", "json");
    expect(JSON.parse(status.stdout)).toMatchObject({
      platform: "mlops",
      changes: [],
      views: [{ name: "texts", rows: 2 }],
    });
    expect(status.code).toBe(0);
  });

  test("a training set is written where it was asked for, and its profile kept", async () => {
    const [labels, out] = [join(scratch, "labels.csv"), join(scratch, "set.parquet")];
    writeFileSync(labels, `text_id,event_timestamp,wanted\ntwo,${new Date().toISOString()},1\n`);
    const made = await feature(
      "training-set",
      "--labels",
      labels,
      "--features",
      "texts",
      "--out",
      out,
      "--keep-profile",
    );
    expect(made.stdout).toContain(`${out}: 1 rows, 8 columns`);
    expect(made.stdout).toContain("s3://mlops-features/_profiles/feature_group=texts/version=1/profile.json");
    expect(readFileSync(out).subarray(0, 4).toString()).toBe("PAR1");
  });

  test("what isn't there is a sentence with exit code 2, and a server that is away one with 3", async () => {
    const unknown = await feature("get", "text_id=two", "--features", "texts:word");
    expect(unknown.stderr).toContain("feature: feature 'texts:word': view texts has no 'word'; did you mean words?");
    expect(unknown.code).toBe(2);
    const away = await bucketworks(["feature", "status"], { env: { ...env, PGPORT: "9" } });
    expect(away.stderr).toContain("feature: PostgreSQL: database experiments_db can't be reached");
    expect(away.code).toBe(3);
    const none = await bucketworks(["feature", "status", "--platform", "usdcop"], { env });
    expect(none.stderr).toContain("feature: the file of usdcop has no features");
    expect(none.code).toBe(2);
    const { PGHOST: _, ...elsewhere } = env;
    const stage = await bucketworks(["feature", "apply", "--stage", "production"], { env: elsewhere });
    expect(stage.stderr).toContain("the servers of make up have nothing of stage production");
    expect(stage.code).toBe(2);
  });
});
