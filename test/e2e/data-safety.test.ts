import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Outcome, TestCheckout } from "../support/checkout.ts";
import type { TestServer } from "../support/minio.ts";
import { ProductionCheckout } from "../support/production.ts";
import { platformFile } from "../support/specs.ts";
import { bucketsIn, dumpOf, rootClient, stateOf } from "../support/state.ts";

const ROWS = ["retain", "delete_if_empty", "purge"].flatMap((onDelete) =>
  [false, true].map((full) => {
    const holds = full ? "with objects" : "empty";
    return { onDelete, full, holds, bucket: `${onDelete.replaceAll("_", "-")}-${full ? "full" : "empty"}` };
  }),
);
type Row = (typeof ROWS)[number];

const ANCHOR = "      - {name: anchor, description: d}";
const line = ({ bucket, onDelete }: Row) => `      - {name: ${bucket}, description: d, on_delete: ${onDelete}}`;
const ALL = platformFile([ANCHOR, ...ROWS.map(line)].join("\n"));
const ONLY = platformFile(ANCHOR);
const UP = ["up", "--yes", "--skip-preview", "--continue-on-error"];

interface Fate {
  readonly server: "gone" | "untouched";
  readonly inState: boolean;
}

/** What becomes of a bucket that is taken out of its spec and that no stage protects. */
function fateOf({ onDelete, full }: Row): Fate {
  if (onDelete === "retain") return { server: "untouched", inState: false };
  return full ? { server: "untouched", inState: true } : { server: "gone", inState: false };
}

interface Trial {
  readonly outcome: Outcome;
  readonly fates: Readonly<Record<string, Fate>>;
}

let checkout: TestCheckout;
let server: TestServer;

async function makeAll(stack: string): Promise<void> {
  checkout.writePlatforms({ base: ALL });
  await checkout.must("pulumi", ...UP, "--stack", stack);
  await put(...ROWS.filter(({ full }) => full).map(({ bucket }) => bucket));
}

/** Of the production server, for commands that ask no engine. */
const credentials = () => [`MINIO_ROOT_USER=${server.user}`, "MINIO_ROOT_PASSWORD_FILE=.bucketworks/typed"];

async function put(...buckets: string[]): Promise<void> {
  const client = rootClient(server);
  for (const Bucket of buckets) await client.putObject({ Bucket, Key: "precious", Body: "data" });
  client.destroy();
}

async function takeOut(stack: string): Promise<Trial> {
  checkout.writePlatforms({ base: ONLY });
  const before = await dumpOf(server);
  const outcome = await checkout.run("pulumi", ...UP, "--stack", stack);
  const after = await dumpOf(server);
  const known = bucketsIn(await stateOf(checkout, stack));
  const fates = ROWS.map(({ bucket }): [string, Fate] => {
    const server = bucket in after ? "untouched" : "gone";
    if (server === "untouched") expect(after[bucket]).toEqual(before[bucket]);
    return [bucket, { server, inState: known.includes(bucket) }];
  });
  return { outcome, fates: Object.fromEntries(fates) };
}

describe("in stage dev, a bucket taken out of its spec", () => {
  let trial: Trial;

  beforeAll(async () => {
    checkout = await TestCheckout.make({ base: ALL });
    server = checkout.server;
    await makeAll("dev");
    trial = await takeOut("dev");
  });

  afterAll(() => checkout.remove());

  test.each(ROWS)("under on_delete $onDelete and $holds goes or stays as on_delete says", (row) => {
    expect(trial.fates[row.bucket]).toEqual(fateOf(row));
    const refusal = `bucket ${row.bucket} isn't empty: 1 object versions and 0 delete markers; nothing was deleted`;
    if (fateOf(row).inState) expect(trial.outcome.stdout).toContain(refusal);
    else expect(trial.outcome.stdout).not.toContain(refusal);
  });
});

describe("in stage production, a bucket taken out of its spec", () => {
  let trial: Trial;
  let production: ProductionCheckout;

  beforeAll(async () => {
    production = await ProductionCheckout.make({ base: ALL });
    await production.settle();
    ({ checkout, server } = production);
    await makeAll("production");
    trial = await takeOut("production");
  });

  afterAll(() => production.remove());

  test.each(ROWS)("under on_delete $onDelete and $holds stays, because it is protected", ({ bucket }) => {
    expect(trial.fates[bucket]).toEqual({ server: "untouched", inState: true });
    expect(trial.outcome.stdout).toMatch(new RegExp(`::${bucket}" cannot be deleted\\s+because it is protected`));
  });

  test("goes by the two steps that purge prints: unprotect, then up", async () => {
    checkout.writePlatforms({ base: ALL });
    const path = ["--path", "bucketworks:allowPurge[0]"];
    await checkout.must("pulumi", "config", "set", "--stack", "production", ...path, "purge-full");
    const purge = ["purge", "purge-full", "--stack", "production", "--yes-delete", "purge-full"];
    const said = await checkout.must("env", ...credentials(), "bin/bucketworks", ...purge);
    expect(said).toMatch(/1 version deleted .* it is empty now\n.*it is protected, so the way out has two steps:/);
    const [unprotect = "", up = ""] = [...said.matchAll(/^ {2}\d\. (.*)$/gm)].map(([, command]) => command);
    checkout.writePlatforms({ base: ALL.replace(line(rowOf("purge-full")), "") });
    await checkout.must("sh", "-c", unprotect);
    await checkout.must("sh", "-c", `${up} --yes --skip-preview`);
    expect(Object.keys(await dumpOf(server))).not.toContain("purge-full");
    expect(bucketsIn(await stateOf(checkout, "production"))).not.toContain("purge-full");
  });

  test("goes or stays as on_delete says once it is unprotected", async () => {
    const rows = ROWS.filter(({ bucket }) => bucket !== "purge-full");
    await checkout.must("pulumi", "state", "unprotect", "--all", "--yes", "--stack", "production");
    const { fates } = await takeOut("production");
    for (const row of rows) expect(fates[row.bucket], row.bucket).toEqual(fateOf(row));
  });
});

function rowOf(bucket: string): Row {
  const row = ROWS.find((each) => each.bucket === bucket);
  if (row === undefined) throw new Error(`no row ${bucket}`);
  return row;
}
