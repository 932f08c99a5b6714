import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { BackedUp } from "../support/backed-up.ts";
import { CuttingProxy } from "../support/cutting-proxy.ts";
import { bucketworks } from "../support/verified.ts";

/** Of one key, more than a page of a listing; each fifth is a delete marker. 10,000 take minutes: VERSIONS=10000 make test does it. */
const VERSIONS = Number(process.env.VERSIONS ?? 1250);
/** A page of a listing, and of requests how many a command makes beside. */
const [PAGE, FEW] = [1000, 20];

let made: BackedUp;
let proxy: CuttingProxy;
let asked: string[];

beforeAll(async () => {
  made = await BackedUp.start();
  proxy = await CuttingProxy.before(made.server.url);
});

afterEach(() => {
  proxy.cut = () => undefined;
});

afterAll(async () => {
  proxy?.stop();
  await made?.remove();
});

/** As `made.must`, and `asked` has each request. */
async function counted(...args: string[]): Promise<string> {
  asked = [];
  proxy.cut = (request) => {
    asked.push(request);
    return undefined;
  };
  const { code, stdout, stderr } = await bucketworks(
    [...args, "--server", `http://${proxy.endpoint}`, made.spec.path],
    made.env,
  );
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

test("thousands of versions of one key are backed up by pages, and each moment between them comes back", async () => {
  const moments: [string, Record<string, unknown>][] = [];
  // Moments are given between two backups.
  await made.backUp("data");
  for (let index = 0; index < VERSIONS; index += 1) {
    if (index % 5 === 4) await made.s3.deleteObject({ Bucket: "data", Key: "often" });
    else await made.put("data", "often", `version ${index}`, { Metadata: { index: String(index) } });
    // In the middle: a version, and the delete marker on top of it.
    if (index !== VERSIONS / 2 - 2 && index !== VERSIONS / 2 - 1) continue;
    const then = await made.contents("data");
    await new Promise((resolve) => setTimeout(resolve, 5));
    moments.push([new Date().toISOString(), then]);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await made.put("data", "last", "last");
  expect(moments.map(([, then]) => Object.keys(then))).toEqual([["often"], []]);
  await made.backUp("data");
  const listed = await made.must("backup", "list", "--bucket", "data", "--format", "json");
  expect(JSON.parse(listed).backups.at(-1)).toMatchObject({ versions: VERSIONS + 1, markers: VERSIONS / 5 });
  expect(await counted("backup", "run", "--bucket", "data")).toMatch(/; 0 new \(0 bytes\); manifest /);
  expect(asked.length).toBeLessThan(VERSIONS / PAGE + FEW);
  expect(await made.must("backup", "verify", "--bucket", "data", "--read")).not.toMatch(/damaged|missing/);
  for (const [index, [to, then]] of moments.entries()) {
    const into = `middle-${index}`;
    await counted("restore", "data", "--to", to, "--into", into);
    expect(await made.contents(into)).toEqual(then);
    expect(asked.length).toBeLessThan(FEW);
  }
}, 240_000);

test("a restore asks for what the listing proves no second time, and for what it can't prove one by one", async () => {
  const plain = Array.from({ length: 30 }, (_, index) => made.put("other", `in/${index}`, `content ${index}`));
  await Promise.all(plain);
  await made.put("other", "in/told", "told", {
    ...{ ContentType: "text/csv", CacheControl: "no-store", ContentDisposition: 'attachment; filename="a&b<c>.csv"' },
    ...{ Metadata: { "a.b": "1 & 2 <3>", "x&y": "" }, Tagging: "a%20b=c%2Bd&k=x" },
  });
  await made.put("other", "in/expires", "expires", {
    ...{ Expires: new Date("2030-01-01T00:00:00Z"), ContentType: "text/csv", ContentLanguage: "de", Tagging: "k=x" },
    Metadata: { owner: "Ann" },
  });
  await made.put("other", "in/letters", "letters", { Metadata: { owner: "Zoë" } });
  const then = await made.contents("other");
  await made.backUp("other");
  await counted("restore", "other", "--to", "latest", "--into", "other-once");
  const heads = () => asked.filter((each) => /^HEAD \/other-once\/./.test(each)).map((each) => each.split(/[?/]/)[3]);
  expect(heads().sort()).toEqual(["expires", "letters"]);
  expect(await made.contents("other-once")).toEqual(then);
  const { Expires: kept, ContentLanguage } = await made.s3.headObject({ Bucket: "other-once", Key: "in/expires" });
  expect([kept?.toISOString(), ContentLanguage]).toEqual(["2030-01-01T00:00:00.000Z", "de"]);
  // The server's clock has seconds: within one, what the former restore wrote counts as this one's.
  await sleep(1100);
  // What was there before this restore began is asked for each time it is looked at: expires alone may be another there.
  await counted("restore", "other", "--to", "latest", "--into", "other-once");
  expect(heads()).toHaveLength(3 * Object.keys(then).length);
  const { Expires, ...same } = { Expires: new Date("2031-01-01T00:00:00Z"), Body: "content 3" };
  await made.s3.putObject({ Bucket: "other-once", Key: "in/3", ...same, Expires });
  const again = await bucketworks(
    ["restore", "other", "--to", "latest", "--into", "other-once", "--server", made.server.url, made.spec.path],
    made.env,
  );
  expect(again).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/would not have put there:\n.*in\/3.*metadata/),
  });
});

test("a server's clock before the last manifest is refused in one sentence, and nothing is recorded until it is right", async () => {
  await made.backUp("plain");
  const names = async () =>
    ((await made.s3.listObjectsV2({ Bucket: "backups", Prefix: "kept/manifests/plain/" })).Contents ?? []).length;
  // As a run would have named it in an hour.
  const moment = new Date(Date.now() + 3_600_000).toISOString();
  const later = { Bucket: "backups", Key: made.manifest("plain", moment) };
  await made.s3.putObject({ ...later, Body: "" });
  const before = await names();
  const { code, stdout, stderr } = await made.run("backup", "run", "--bucket", "plain");
  const words =
    /^backup of bucket plain: nothing was recorded: .*the server's clock says \S+Z, before the last manifest, /;
  expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: "", stderr: expect.stringMatching(words) });
  expect([stderr.trim().split("\n").length, await names()]).toEqual([1, before]);
  await made.s3.deleteObject(later);
  expect((await made.run("backup", "run", "--bucket", "plain")).code).toBe(0);
});

test("a machine whose clock is an hour off is told so, by backups and restores, and nothing is recorded", async () => {
  const clock = `const Real = Date; globalThis.Date = class extends Real {
    constructor(...given) { if (given.length > 0) super(...given); else super(Real.now() - 3600000); }
    static now() { return Real.now() - 3600000; }
  };`;
  const env = { ...made.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(clock)}` };
  const before = (await made.versions("backups")).length;
  for (const args of [
    ["backup", "run", "--bucket", "plain"],
    ["restore", "plain", "--to", "latest", "--into", "late"],
  ]) {
    const { code, stderr } = await bucketworks([...args, "--server", made.server.url, made.spec.path], env);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(/the clocks of this machine and of MinIO/),
    });
    expect(stderr.trim().split("\n")).toHaveLength(1);
  }
  expect((await made.versions("backups")).length).toBe(before);
  expect(await made.buckets()).not.toContain("late");
});
