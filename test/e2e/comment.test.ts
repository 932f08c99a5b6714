import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { countContents } from "../../cli/comment/bucket-contents.ts";
import { TestCheckout } from "../support/checkout.ts";
import { FakeGitHub } from "../support/github.ts";
import { platformFile } from "../support/specs.ts";
import { addressOf } from "../support/verified.ts";

const TAGS = "tags: {data_type: test, owner: data, retention_policy: x, sensitivity: low}";
const ACCESS = (role: string) => `access:
  policies: {reading: {grants: [{role: ${role}, bucket: kept}]}}
  users: {ann: {policies: [reading]}}
`;
const KEPT = "      - {name: kept, description: stays, ";
const GOES = `      - {name: goes, description: leaves, ${TAGS}}\n`;
const BASE = platformFile(`${KEPT}${TAGS}}\n${GOES}`) + ACCESS("list");
const CHANGED = platformFile(`${KEPT}retention_days: 5, public_read: [pub/], ${TAGS}}\n`) + ACCESS("read_write");

let checkout: TestCheckout;
let github: FakeGitHub;

beforeAll(async () => {
  github = await FakeGitHub.start();
  checkout = await TestCheckout.make({ base: BASE });
  await checkout.must(
    "sh",
    "-c",
    "git init -q && git add config && git -c user.name=t -c user.email=t@localhost commit -qm base",
  );
  await checkout.must("pulumi", "up", "--yes", "--skip-preview");
  await checkout.must(
    "sh",
    "-c",
    "mc cp Makefile dev/goes/one && mc cp Makefile dev/goes/one && mc cp Makefile dev/goes/two",
  );
  checkout.writePlatforms({ base: CHANGED });
});

afterAll(async () => {
  await checkout.remove();
  await github.stop();
});

/** As a pipeline's step does it; the packages are those of this checkout. */
const make = (target: string, ...args: string[]) =>
  checkout.run("make", "-o", "packages", target, "STACK=dev", ...args);
const review = (name: string): string => readFileSync(join(checkout.root, ".bucketworks/review/dev", name), "utf8");

async function post() {
  const event = join(checkout.root, "event.json");
  writeFileSync(event, JSON.stringify({ pull_request: { number: 7 } }));
  const env = Object.entries({ ...github.env, GITHUB_EVENT_PATH: event }).map(([name, value]) => `${name}=${value}`);
  return checkout.run("env", ...env, "node", ".github/scripts/comment.ts", ".bucketworks/review/dev/comment.md");
}

test("a change of a spec is one comment on its pull request: what would be deleted, opened and refused", async () => {
  const preview = await make("preview", "BASE=HEAD");
  expect(preview.stderr).toContain("bucket kept lets anyone read kept/pub/");
  expect(preview.code).not.toBe(0);
  expect(await make("comment")).toMatchObject({ code: 0 });
  const comment = review("comment.md");
  const order = [
    "**Refused by policy.** 1 × data would be deleted, 1 × becomes public",
    "**bucket `goes`** (platform `base`)",
    "`2 objects, 1 older version, 0 delete markers, ",
    "**bucket `kept`** (platform `base`)",
    "**becomes public**: anyone, without credentials, may read every object below `pub/`",
    "**data is deleted sooner**: objects are deleted after 5 days instead of 90",
    "**user `ann`** (platform `base`)",
    "`s3:DeleteObject`, `s3:GetObject`, ",
    "### Policy findings",
    "**`bucket-anonymous-read`** (`mandatory`",
    "- `delete` `Bucket` `goes`",
  ];
  const places = order.map((words) => comment.indexOf(words));
  expect(places.filter((place) => place < 0)).toEqual([]);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(comment).not.toContain("disagree");

  expect(await post()).toMatchObject({ code: 0, stdout: expect.stringContaining("made") });
  expect(github.comments).toMatchObject([{ body: comment }]);
});

test("nothing of it holds a credential, though the engine's own stream does with its debug lines", async () => {
  const password = checkout.server.password;
  const debug = (...command: string[]) => checkout.run("env", "PULUMI_OPTION_DEBUG=true", ...command);
  const stream = await debug("env", "PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true", "pulumi", "preview", "--json");
  expect(stream.stdout).toContain(password);
  for (const target of ["preview", "comment"]) await debug("make", "-o", "packages", target, "STACK=dev", "BASE=HEAD");
  const mode = await checkout.must("sh", "-c", "stat -c %a .bucketworks/review/dev/preview.json");
  expect(mode.trim()).toBe("600");
  for (const name of ["preview.json", "comment.md", "whole-comment.md", "before.json", "after.json"]) {
    expect(review(name), name).not.toContain(password);
  }
});

test("a spec that changed after its preview is told, and the comment is edited in place", async () => {
  checkout.writePlatforms({ base: CHANGED.replace("retention_days: 5", "retention_days: 6") });
  await checkout.must(
    "sh",
    "-c",
    "bin/bucketworks explain --stage dev --format json >.bucketworks/review/dev/after.json",
  );
  expect(await make("comment")).toMatchObject({ code: 0 });
  expect(review("comment.md")).toContain("**the preview was made from other specs**: `kept`;");
  expect(await post()).toMatchObject({ code: 0, stdout: expect.stringContaining("edited") });
  expect(github.comments).toMatchObject([{ body: review("comment.md") }]);
});

test("a count that was cut short is said to be at least that, one without time or bucket isn't zero", async () => {
  const server = addressOf(checkout.server);
  const none = await countContents(server, ["goes", "no-such-bucket"], { entries: 1, milliseconds: 9_000 });
  expect([...none.values()]).toEqual([
    { kind: "held", holdings: expect.stringMatching(/^2 objects, 1 older version/), complete: false, isEmpty: false },
    { kind: "absent" },
  ]);
  await checkout.must("mc", "admin", "user", "add", "dev", "nobody-here", "a-secret-of-nobody");
  const refused = { ...server, accessKey: "nobody-here", secretKey: "a-secret-of-nobody" };
  const denied = await countContents(refused, ["goes"]);
  expect(denied.get("goes")).toMatchObject({
    kind: "unknown",
    reason: expect.stringContaining("s3:ListBucketVersions"),
  });
  const late = await countContents(server, ["goes"], { entries: 1_000, milliseconds: -1 });
  expect(late.get("goes")).toEqual({ kind: "unknown", reason: "no time was left for it" });
});

test("with the server away there is a comment all the same: the failure first, and what could not be counted", async () => {
  checkout.writePlatforms({ base: CHANGED });
  await checkout.server.stop();
  expect(await make("preview", "BASE=HEAD")).toMatchObject({ stderr: expect.stringContaining("can't reach MinIO") });
  expect(await make("comment")).toMatchObject({ code: 0 });
  const comment = review("comment.md");
  expect(comment).toMatch(/\*\*Preview failed\*\*: there may be more\./);
  expect(comment).toMatch(/### Why the preview failed[\s\S]*can't reach MinIO[\s\S]*### Look at these first/);
  expect(comment).toMatch(/\*\*data would be deleted\*\*.*what it holds could not be counted: `can't reach MinIO at /);
});

test("a passphrase that is wrong is could-not-look, and the comment says why", async () => {
  const wrong = await checkout.run(
    "sh",
    "-c",
    "PULUMI_CONFIG_PASSPHRASE=wrong make -o packages preview STACK=dev BASE=HEAD",
  );
  expect(wrong.stderr).toMatch(/incorrect passphrase[\s\S]*Error 3/);
  expect(await make("comment")).toMatchObject({ code: 0 });
  expect(review("comment.md")).toMatch(
    /\*\*Preview incomplete\*\*[\s\S]*### Why the preview failed[\s\S]*incorrect passphrase/,
  );
});
