import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Deployment, StateResource } from "../../cli/recovery/recovery-plan.ts";
import { ArgvWatch } from "../support/argv-watch.ts";
import { TestCheckout } from "../support/checkout.ts";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { rootClient } from "../support/state.ts";

const SPEC = `metadata: {version: v1, description: d}
bucket_groups:
  g:
    description: d
    buckets:
      - {name: training-data, description: d, lifecycle: [{id: ArchiveOldData, prefix: archived/, transition: {days: 0, tier: GLACIER}}]}
      - {name: other-data, description: d}
`;
const UP = ["up", "--yes", "--skip-preview"];

let cold: TestServer;
let checkout: TestCheckout;
let coldMc: Mc;

beforeAll(async () => {
  const [server, other] = await Promise.all([TestServer.start(), TestServer.start()]);
  cold = other;
  coldMc = new Mc(cold);
  await coldMc.run("mb", "t/archive");
  checkout = await TestCheckout.make({ ml: SPEC }, server);
});

afterAll(async () => {
  coldMc.remove();
  await Promise.all([checkout.remove(), cold.stop()]);
});

const set = (key: string, value: string) =>
  checkout.must("pulumi", "config", "set", "--path", `bucketworks:tiers.${key}`, value);

/** By standard input, as a person would type it: an argument could be seen by everybody on the machine. */
async function setSecret(key: string, value: string): Promise<void> {
  const file = join(checkout.root, ".bucketworks", "typed");
  writeFileSync(file, value, { mode: 0o600 });
  const command = `pulumi config set --path --secret 'bucketworks:tierCredentials.${key}' <"$0"`;
  await checkout.must("sh", "-c", command, file);
}

const rules = async (): Promise<string> => checkout.must("mc", "ilm", "rule", "ls", "--json", "dev/training-data");

test("M-056: a stack without the tier says that the rule waits; with it, one update makes tier and rule", async () => {
  const first = await checkout.run("pulumi", ...UP);
  expect([first.code, first.stdout]).toEqual([
    0,
    expect.stringMatching(/ArchiveOldData .*not applied: .* no tier GLACIER/),
  ]);
  await set("GLACIER.type", "minio");
  await set("GLACIER.endpoint", cold.url);
  await set("GLACIER.bucket", "archive");
  expect((await checkout.run("pulumi", "preview")).stdout).toMatch(
    /tier GLACIER has no key in bucketworks:tierCredentials/,
  );
  await setSecret("GLACIER.accessKey", cold.user);
  await setSecret("GLACIER.secretKey", cold.password);
  const watch = new ArgvWatch();
  const up = await checkout.run("pulumi", ...UP);
  const seen = watch.stop();
  expect([up.code, up.stdout]).toEqual([0, expect.stringMatching(/bucketworks:index:Tier\s+GLACIER\s+created/)]);
  expect(await rules()).toContain("ArchiveOldData");
  const exported = await checkout.must("pulumi", "stack", "export");
  expect(exported).toContain("bucketworks:index:Tier");
  for (const secret of [cold.password, cold.user])
    expect([seen, exported, up.stdout, up.stderr].filter((text) => text.includes(secret))).toEqual([]);
});

test("a second run and a refresh change nothing, and scan finds the server as the stack says", async () => {
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
  const { code, stdout } = await checkout.run("bin/bucketworks", "scan");
  expect([code, stdout]).toEqual([0, expect.not.stringMatching(/tier|waits/)]);
});

test("an object that the rule moves lies in the other store, and clients read it as before", async () => {
  const root = rootClient(checkout.server);
  await root.putObject({ Bucket: "training-data", Key: "archived/a.csv", Body: "rows" });
  const storageClass = async () =>
    (await root.listObjectsV2({ Bucket: "training-data" })).Contents?.map(({ StorageClass }) => String(StorageClass));
  while ((await storageClass())?.join() !== "GLACIER") await new Promise((resolve) => setTimeout(resolve, 250));
  expect((await coldMc.run("ls", "--recursive", "t/archive")).trim().split("\n")).toHaveLength(1);
  const { Body } = await root.getObject({ Bucket: "training-data", Key: "archived/a.csv" });
  expect(await Body?.transformToString()).toBe("rows");
  root.destroy();
});

test("a tier whose store is away or refuses the key is one sentence, and buckets that need none are left as they are", async () => {
  await set("COLD.type", "s3");
  await set("COLD.endpoint", "http://127.0.0.1:1");
  await set("COLD.bucket", "archive");
  await set("COLD.prefix", "cold");
  await setSecret("COLD.accessKey", cold.user);
  await setSecret("COLD.secretKey", "a-wrong-secret");
  const away = await checkout.run("pulumi", ...UP);
  expect([away.code, away.stdout]).toEqual([
    1,
    expect.stringMatching(/tier COLD can't be made: MinIO at .* can't reach http:\/\/127.0.0.1:1: /),
  ]);
  expect(away.stdout + away.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  await set("COLD.endpoint", cold.url);
  const wrong = await checkout.run("pulumi", ...UP);
  expect([wrong.code, wrong.stdout]).toEqual([
    1,
    expect.stringMatching(/could not write in .*\/archive\/cold: .*signature.*tierCredentials.COLD/),
  ]);
  for (const key of ["tiers.COLD", "tierCredentials.COLD"])
    await checkout.must("pulumi", "config", "rm", "--path", `bucketworks:${key}`);
  await checkout.must("pulumi", "preview", "--expect-no-changes");
});

test("a tier that somebody took away is found by scan and refresh, and made again by consent alone", async () => {
  await checkout.must("mc", "ilm", "tier", "rm", "dev", "GLACIER", "--force", "--dangerous");
  const scanned = await checkout.run("bin/bucketworks", "scan");
  expect([scanned.code, scanned.stdout]).toEqual([1, expect.stringMatching(/missing\s+tier GLACIER/)]);
  const up = await checkout.run("pulumi", ...UP, "--refresh");
  expect([up.code, up.stdout]).toEqual([
    1,
    expect.stringMatching(/holds objects already, .*bucketworks:tiers.GLACIER.adopt to true/),
  ]);
  await set("GLACIER.adopt", "true");
  await checkout.must("pulumi", ...UP, "--refresh");
  const root = rootClient(checkout.server);
  const { Body } = await root.getObject({ Bucket: "training-data", Key: "archived/a.csv" });
  expect(await Body?.transformToString()).toBe("rows");
  root.destroy();
});

test("a run that was killed while it made a tier is recovered: the next update finishes it without consent, and changes nothing then", async () => {
  await checkout.must("pulumi", "config", "rm", "--path", "bucketworks:tiers.GLACIER.adopt");
  // In the file: an import takes what is pending away.
  const file = join(checkout.root, ".bucketworks", "state", ".pulumi", "stacks", "bucketworks", "dev.json");
  const state = JSON.parse(readFileSync(file, "utf8")) as { checkpoint: { latest: Deployment } };
  const { latest } = state.checkpoint;
  const { resources = [] } = latest;
  const tier = resources.find(({ type }) => type === "bucketworks:index:Tier");
  const { id: _, outputs: __, ...making } = tier as StateResource;
  const others = resources
    .filter((each) => each !== tier)
    .map(({ dependencies = [], ...each }) => ({
      ...each,
      dependencies: (dependencies as string[]).filter((urn) => urn !== making.urn),
    }));
  const killed = {
    ...latest,
    resources: others,
    pending_operations: [{ type: "creating", resource: making }],
  };
  writeFileSync(file, JSON.stringify({ ...state, checkpoint: { ...state.checkpoint, latest: killed } }));
  const recovered = await checkout.must("bin/bucketworks", "recover");
  expect(recovered).toMatch(/GLACIER/);
  await checkout.must("pulumi", ...UP);
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
  const exported = await checkout.must("pulumi", "stack", "export");
  for (const secret of [cold.password, cold.user]) expect(exported).not.toContain(secret);
});

test("taken out of the settings it stays on the server with what it holds", async () => {
  for (const key of ["tiers", "tierCredentials"]) await checkout.must("pulumi", "config", "rm", `bucketworks:${key}`);
  const up = await checkout.run("pulumi", ...UP);
  expect([up.code, up.stdout]).toEqual([0, expect.stringMatching(/tier GLACIER stays on the server/)]);
  expect(await checkout.must("mc", "ilm", "tier", "ls", "--json", "dev")).toContain("GLACIER");
});
