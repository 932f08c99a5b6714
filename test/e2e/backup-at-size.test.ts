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
  await made.put("other", "in/expires", "expires", { Expires: new Date("2030-01-01T00:00:00Z") });
  await made.put("other", "in/letters", "letters", { Metadata: { owner: "Zoë" } });
  const then = await made.contents("other");
  await made.backUp("other");
  await counted("restore", "other", "--to", "latest", "--into", "other-once");
  const heads = () => asked.filter((each) => /^HEAD \/other-once\/./.test(each)).map((each) => each.split(/[?/]/)[3]);
  expect(heads().sort()).toEqual(["expires", "letters"]);
  expect(await made.contents("other-once")).toEqual(then);
  // What was there before this restore began is asked for: expires alone may be another there.
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
