import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { replacedText } from "../../config/values/key-note.ts";
import { ArgvWatch } from "../support/argv-watch.ts";
import { type Key, UPDATE } from "../support/people.ts";
import { DAY, RotatingCheckout } from "../support/rotating-checkout.ts";

let rotating: RotatingCheckout;
/** Digest of the specs that were deployed before they were edited. */
let deployed: string | undefined;
beforeAll(async () => {
  rotating = await RotatingCheckout.deploy();
});
afterAll(() => rotating?.remove());

const must = (...command: readonly [string, ...string[]]): Promise<string> => rotating.checkout.must(...command);

test("a client that writes all the time with the delivered key loses no request while its key is replaced; the old one is refused afterwards", async () => {
  await must("bin/bucketworks", "key", "show", "cleaning-job", "--format", "json");
  const file = join(rotating.checkout.root, ".bucketworks/keys/cleaning-job.json");
  const [answers, seen] = [new Map<string, number>(), new Set<string>()];
  let goesOn = true;
  const client = (async () => {
    while (goesOn) {
      const key = JSON.parse(readFileSync(file, "utf8")) as Key;
      seen.add(key.accessKey);
      const [answer = ""] = await rotating.write(key);
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
      await sleep(50);
    }
  })();
  const before = await rotating.key();
  const watch = new ArgvWatch();
  const first = await rotating.rotate("cleaning-job");
  expect(first, first.stderr).toMatchObject({ code: 0, stderr: expect.not.stringMatching(/error/i) });
  expect(first.stdout).toMatch(/^cleaning-job: the new key is delivered; the old one is taken until 20\S+Z$/m);
  expect(first.stdout).toContain(".bucketworks/keys/cleaning-job.json has the new key");
  const now = JSON.parse(readFileSync(file, "utf8")) as Key;
  expect(now.accessKey).not.toBe(before.accessKey);
  expect(await rotating.write(before, now)).toEqual(["ok", "ok"]);
  const [was, is] = [await rotating.document(before), await rotating.document(now)];
  expect(was).toEqual(is);
  expect(is).toBeDefined();
  await must("pulumi", "preview", "--refresh", "--expect-no-changes");

  await rotating.endGrace(before);
  const last = await rotating.rotate("--due");
  expect(last, last.stderr).toMatchObject({ code: 0, stdout: "cleaning-job: the old key has ended\n" });
  const argv = watch.stop();
  await sleep(200);
  goesOn = false;
  await client;
  expect([...answers.keys()]).toEqual(["ok"]);
  expect([...seen]).toEqual([before.accessKey, now.accessKey]);
  expect(await rotating.write(before, now)).toEqual(["InvalidAccessKeyId", "ok"]);
  expect(await rotating.accounts()).toEqual([now.accessKey]);
  for (const { stdout, stderr } of [first, last])
    for (const secret of [before.secretKey, now.secretKey]) expect(stdout + stderr + argv).not.toContain(secret);
  const patterns = [before, now].flatMap(({ secretKey }) => ["-e", secretKey]);
  const found = await rotating.checkout.run("grep", "-rlF", ...patterns, ".bucketworks/state", ".bucketworks/logs");
  expect(found).toMatchObject({ code: 1, stdout: "" });
});

test("kill -9 while the new key is made, while its delivery is noted and while the old one ends: the next run goes on, one valid key is left", async () => {
  const before = await rotating.key();
  await rotating.rotateKilledAt(/^PUT \/minio\/admin\/v\d\/add-service-account/, "cleaning-job");
  expect(await rotating.accounts()).toHaveLength(2);
  expect(await rotating.write(before)).toEqual(["ok"]);
  const listed = await rotating.rotate("--list");
  expect(listed).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/interrupted: the new key is still to be made/),
  });
  const leaked = await rotating.bucketworks("key", "rotate", "cleaning-job", "--yes-rotate", "cleaning-job");
  expect(leaked).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/finish it with bucketworks rotate cleaning-job/),
  });

  await rotating.rotateKilledAt(/^POST \/minio\/admin\/v\d\/update-service-account/, "--due");
  const now = await rotating.key();
  expect(await rotating.accounts()).toEqual([before.accessKey, now.accessKey].sort());
  expect(await rotating.write(before, now)).toEqual(["ok", "ok"]);

  // That the answer was lost doesn't matter: the note is there.
  expect(await rotating.rotate("--due")).toMatchObject({ code: 0, stdout: "no key is due\n" });
  await rotating.describe(before.accessKey, "somebody wrote over it");
  expect(await rotating.rotate("--list")).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/delivered isn't proved/),
  });
  expect(await rotating.rotate("--due")).toMatchObject({ code: 0, stdout: expect.stringMatching(/taken until/) });
  expect((await rotating.key()).accessKey).toBe(now.accessKey);

  await rotating.endGrace(before);
  await rotating.rotateKilledAt(/^DELETE \/minio\/admin\/v\d\/delete-service-account/, "--due");
  expect(await rotating.rotate("--due")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/the old key has ended/),
  });
  expect(await rotating.accounts()).toEqual([now.accessKey]);
  expect(await rotating.write(before, now)).toEqual(["InvalidAccessKeyId", "ok"]);
  await must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test("a key older than its platform permits is named by doctor and by rotate --list; a server that goes away in the middle and refuses then, or is away from the start, loses nothing", async () => {
  const before = await rotating.key();
  expect(await rotating.rotate("--list")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/cleaning-job .*replaced from 20/),
  });
  await rotating.age(31);
  const metrics = join(rotating.checkout.root, "keys.prom");
  const listed = await rotating.rotate("--list", "--format", "json", "--metrics", metrics);
  expect(listed.code).toBe(1);
  const [, made = ""] =
    /\{platform="people",account="cleaning-job",stack="dev"\} (\S+)$/m.exec(readFileSync(metrics, "utf8")) ?? [];
  expect(Math.round((Date.now() / 1000 - Number(made)) / 86_400)).toBe(31);
  expect(JSON.parse(listed.stdout).keys).toMatchObject([{ name: "cleaning-job", phase: "due", isDue: true }]);
  const doctor = await rotating.bucketworks("doctor");
  expect(doctor.stdout).toMatch(/the key of cleaning-job, made 20\S+: to be replaced now/);
  expect(doctor.stdout).toMatch(/rotate --due/);

  // It goes away when the engine begins to make the new key, and has another right when it is back: an outage alone is retried for minutes.
  let tries = 0;
  rotating.proxy.cut = (request) => {
    if (!request.includes("add-service-account")) return undefined;
    return ++tries === 1 ? "before" : "refuse";
  };
  const failed = await rotating.rotate("--due");
  rotating.proxy.cut = () => undefined;
  expect(tries).toBeGreaterThan(1);
  expect(failed).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/not finished \(cleaning-job\).*run it again/),
  });
  expect(failed.stderr).not.toMatch(/ at .*\.ts:\d+/);
  expect(await rotating.write(before)).toEqual(["ok"]);
  await rotating.checkout.server.pause();
  const away = await rotating.rotate("--due");
  expect(away).toMatchObject({ code: 3, stderr: expect.stringMatching(/can't reach|ECONN|refuse|answer/i) });
  await rotating.checkout.server.resume();
  expect(await rotating.write(before)).toEqual(["ok"]);
  // An update in between makes the new key; the old one stays.
  await must("pulumi", ...UPDATE);
  const now = await rotating.key();
  expect([now.accessKey === before.accessKey, ...(await rotating.write(before, now))]).toEqual([false, "ok", "ok"]);
  expect(await rotating.rotate("--due")).toMatchObject({ code: 0, stdout: expect.stringMatching(/taken until/) });
});

test("in its grace the old key is known to verify, and named by scan with low severity; what only says so is high; a leak ends both", async () => {
  const now = await rotating.key();
  const old = await rotating.otherThan(now);
  await must("bin/bucketworks", "verify");
  expect(await rotating.scan()).toMatchObject([
    {
      severity: "low",
      subject: { name: old },
      message: expect.stringMatching(/the replaced key of cleaning-job, taken until/),
    },
  ]);
  await rotating.describe(old, replacedText(new Date(Date.now() + 400 * DAY)));
  expect(await rotating.scan()).toMatchObject([{ severity: "high", subject: { name: old } }]);
  await rotating.describe(old, replacedText(new Date(Date.now() + DAY)));

  await must("bin/bucketworks", "key", "rotate", "cleaning-job", "--yes-rotate", "cleaning-job");
  const last = await rotating.key();
  expect(await rotating.accounts()).toEqual([last.accessKey]);
  expect(await rotating.write(now, last)).toEqual(["InvalidAccessKeyId", "ok"]);
});

test("an old key that somebody removed by hand is no hindrance: the state forgets it", async () => {
  [deployed] = await rotating.digests(1);
  // From here on the specs say more than was deployed.
  rotating.declare("edited");
  await must("bin/bucketworks", "rotate", "cleaning-job");
  await rotating.removeByHand(await rotating.otherThan(await rotating.key()));
  expect(await rotating.rotate("--due")).toMatchObject({ code: 0, stdout: "cleaning-job: the old key has ended\n" });
});

test("a leaked key is ended also where somebody removed the one before it by hand", async () => {
  await must("bin/bucketworks", "rotate", "cleaning-job");
  const now = await rotating.key();
  await rotating.removeByHand(await rotating.otherThan(now));
  await must("bin/bucketworks", "key", "rotate", "cleaning-job", "--yes-rotate", "cleaning-job");
  const last = await rotating.key();
  expect(await rotating.accounts()).toEqual([last.accessKey]);
  expect(await rotating.write(now, last)).toEqual(["InvalidAccessKeyId", "ok"]);
});

test("updates of keys alone record no specs that they didn't deploy, and leave nothing to be changed", async () => {
  expect(deployed).toMatch(/^[0-9a-f]{64}$/);
  expect(await rotating.digests(4)).toEqual(Array(4).fill(deployed));
  await must("pulumi", ...UPDATE);
  expect(await rotating.digests(1)).not.toEqual([deployed]);
  rotating.declare("d");
  await must("pulumi", "up", "--yes", "--skip-preview", "--refresh", "--expect-no-changes");
  expect(await rotating.digests(1)).toEqual([deployed]);
});

test("rotate refuses what it can't replace with an overlap, and names what there is", async () => {
  expect(await rotating.rotate()).toMatchObject({ code: 2, stderr: expect.stringMatching(/one of the three/) });
  expect(await rotating.rotate("--due", "cleaning-job")).toMatchObject({ code: 2 });
  expect(await rotating.rotate("cleaning-jab")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/mean cleaning-job\?/),
  });
  expect(await rotating.rotate("cleaning")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/key rotate cleaning$/m),
  });
});

test("an issued key works until it ends or is revoked, is listed, low in scan, no stranger to verify, and is printed nowhere", async () => {
  const issue = (...args: string[]) => rotating.bucketworks("key", "issue", ...args);
  expect(await issue("--for", "cleaning", "--expires", "91d")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/1h to 90d/),
  });
  expect(await issue("--for", "cleanin", "--expires", "1d")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/mean cleaning\?/),
  });
  expect(await issue("--for", "cleaning", "--expires", "1d", "--policy", "cleaners")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/mean cleaner\?/),
  });
  const file = join(rotating.checkout.root, "review.json");
  const watch = new ArgvWatch();
  const made = await issue(
    "--for",
    "cleaning",
    "--expires",
    "30d",
    "--why",
    "review",
    "--policy",
    "reader",
    "--format",
    "json",
    "--out",
    file,
  );
  const argv = watch.stop();
  expect(made, made.stderr).toMatchObject({ code: 0 });
  const key = JSON.parse(readFileSync(file, "utf8")) as Key;
  expect(made.stdout + made.stderr + argv).not.toContain(key.secretKey);
  // Of the user's policies it has none: the one it is limited to isn't the user's.
  expect(await rotating.write(key)).toEqual(["AccessDenied"]);
  const whole = await issue("--for", "cleaning", "--expires", "8h");
  expect(whole.code).toBe(0);
  const listed = await must("bin/bucketworks", "key", "list", "--issued", "--format", "json");
  const { keys } = JSON.parse(listed);
  expect(keys).toMatchObject([
    { user: "cleaning", why: "" },
    { accessKey: key.accessKey, user: "cleaning", why: "review" },
  ]);
  expect(Date.parse(keys[1].expires) - Date.now()).toBeGreaterThan(29 * DAY);
  await must("bin/bucketworks", "verify");
  expect((await must("bin/bucketworks", "recover")).trim()).toBe("nothing to recover");
  expect(await rotating.scan()).toMatchObject([
    { severity: "low", message: expect.stringMatching(/; issued until 20/) },
    { severity: "low", message: expect.stringMatching(/; issued until 20/) },
  ]);
  const revoke = (name: string, ...args: string[]) => rotating.bucketworks("key", "revoke", name, ...args);
  const { accessKey: own } = await rotating.key();
  expect(await revoke(own, "--yes-revoke", own)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no key that key issue made/),
  });
  expect(await revoke(key.accessKey)).toMatchObject({ code: 2, stderr: expect.stringMatching(/can't ask/) });
  for (const { accessKey } of keys)
    expect(await revoke(accessKey, "--yes-revoke", accessKey)).toMatchObject({ code: 0 });
  expect(await rotating.write(key)).toEqual(["InvalidAccessKeyId"]);
  expect(await rotating.accounts()).toEqual([own]);
  await rotating.checkout.server.pause();
  const away = await issue("--for", "cleaning", "--expires", "1d", "--out", join(rotating.checkout.root, "none.env"));
  await rotating.checkout.server.resume();
  expect(away).toMatchObject({ code: 3, stderr: expect.stringMatching(/no key is handed over/) });
  expect(existsSync(join(rotating.checkout.root, "none.env"))).toBe(false);
});
