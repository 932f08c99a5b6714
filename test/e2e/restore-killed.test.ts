import { afterAll, beforeAll, expect, test } from "vitest";
import { BackedUp } from "../support/backed-up.ts";
import { KEYS } from "../support/backed-up-shop.ts";
import { CuttingProxy } from "../support/cutting-proxy.ts";
import { bucketworks } from "../support/verified.ts";

/** Of each command; `KILLS=20 make test` kills as often as an owner of data would want. */
const KILLS = Number(process.env.KILLS ?? 3);

let made: BackedUp;

beforeAll(async () => {
  made = await BackedUp.start();
});

afterAll(() => made?.remove());

test("backup and restore that are killed at random moments lose nothing: the next run has all", async () => {
  const puts = Array.from({ length: 60 }, (_, index) => made.put("other", `in/${index}`, `content ${index}`));
  await Promise.all(puts);
  const then = await made.contents("other");
  // A command that does nothing says how long one takes on this machine.
  const began = performance.now();
  await made.run("backup", "list");
  const took = performance.now() - began;
  const moment = () => (0.2 + Math.random()) * took;
  let killed = 0;
  for (let index = 0; index < KILLS; index++) {
    if (await made.killed(moment(), "backup", "run", "--bucket", "other")) killed += 1;
  }
  await made.backUp("other");
  for (let index = 0; index < KILLS; index++) {
    const args = ["restore", "other", "--to", "latest", "--into", "other-again"];
    if (await made.killed(moment(), ...args)) killed += 1;
  }
  expect((await made.run("restore", "other", "--to", "latest", "--into", "other-again")).code).toBe(0);
  expect(await made.contents("other-again")).toEqual(then);
  expect((await made.run("backup", "verify", "--bucket", "other", "--read")).code).toBe(0);
  expect(killed).toBeGreaterThan(0);
});

test("what a run stored that broke off is found by the next one; after a whole one nothing is looked for", async () => {
  const proxy = await CuttingProxy.before(made.server.url);
  const command = ["backup", "run", "--bucket", "other", "--format", "json", "--server", `http://${proxy.endpoint}`];
  const backUp = () => bucketworks([...command, made.spec.path], made.env);
  await Promise.all(Array.from({ length: 100 }, (_, index) => made.put("other", `in/${index}`, `second ${index}`)));
  const isCopy = (request: string) => request.startsWith("PUT /backups/kept/objects/");
  let copies = 0;
  proxy.cut = (request) => (isCopy(request) && ++copies > 40 ? "before" : undefined);
  expect((await backUp()).code).toBe(3);
  proxy.cut = () => undefined;
  const [found] = JSON.parse((await backUp()).stdout).backups;
  expect(found.trailer.added).toBeGreaterThanOrEqual(60);
  expect(found.trailer.added).toBeLessThan(95);
  await made.put("other", "in/0", "third");
  const asked: string[] = [];
  proxy.cut = (request) => {
    asked.push(request);
    return undefined;
  };
  const [next] = JSON.parse((await backUp()).stdout).backups;
  expect(next.trailer.added).toBe(1);
  expect(asked.filter((request) => /\/kept\/objects\//.test(request)).map((request) => request.slice(0, 4))).toEqual([
    "PUT ",
  ]);
  proxy.stop();
});

test("keys of every legal character, those that end in a slash, legal hold and retention come back", async () => {
  // Of keys that end in a slash MinIO keeps no versions: a default lock would let nobody replace them.
  await made.s3.putObjectLockConfiguration({
    Bucket: "odd",
    ObjectLockConfiguration: { ObjectLockEnabled: "Enabled" },
  });
  for (const key of KEYS) await made.put("odd", key, key.endsWith("/") ? "" : `content of ${key}`);
  await made.put("odd", "gone/", "", { Metadata: { kind: "folder" }, Tagging: "a=b" });
  await made.put("odd", "held", "held", {
    ...{ ObjectLockLegalHoldStatus: "ON", ObjectLockMode: "GOVERNANCE" },
    ObjectLockRetainUntilDate: new Date(Date.now() + 3_600_000),
  });
  const then = await made.backUp("odd");
  const was = await made.contents("odd");
  for (const [index, key] of [...KEYS, "gone/", "held"].entries()) {
    if (index % 2 === 0 || key.endsWith("/") || key === "held") await made.s3.deleteObject({ Bucket: "odd", Key: key });
    else await made.put("odd", key, "written over");
  }
  await made.put("odd", "made/", "");
  await made.put("odd", "made/below", "new");
  await made.put("odd", "dir/", "", { Metadata: { kind: "another" } });
  const command = ["odd", "--to", then, "--in-place", "--yes-restore", "odd", "--format", "json"] as const;
  const first = await made.run("restore", ...command);
  expect(first).toMatchObject({ code: 0 });
  expect(await made.contents("odd")).toEqual(was);
  expect(await made.s3.getObjectLegalHold({ Bucket: "odd", Key: "held" })).toMatchObject({
    LegalHold: { Status: "ON" },
  });
  const { Retention } = await made.s3.getObjectRetention({ Bucket: "odd", Key: "held" });
  expect(Retention?.Mode).toBe("GOVERNANCE");
  const { unchanged, ...others } = JSON.parse((await made.run("restore", ...command)).stdout).counts;
  expect(unchanged.objects).toBe(Object.keys(was).length);
  for (const { objects } of Object.values<{ objects: number }>(others)) expect(objects).toBe(0);
});
