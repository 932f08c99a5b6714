import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Outcome, TestCheckout } from "../support/checkout.ts";
import { FakeGitHub } from "../support/github.ts";
import { platformFile } from "../support/specs.ts";

const TAGS = "tags: {data_type: test, owner: data, retention_policy: x, sensitivity: low}";
const RIGHT = platformFile(`      - {name: kept, description: stays, ${TAGS}}`);
const OPEN = RIGHT.replace("description: stays", "description: stays, public_read: [pub/]");

let checkout: TestCheckout;
let github: FakeGitHub;

beforeAll(async () => {
  github = await FakeGitHub.start();
  checkout = await TestCheckout.make({ base: RIGHT });
});

afterAll(async () => {
  await checkout.remove();
  await github.stop();
});

const make = (target: string) => checkout.run("make", "-o", "packages", target, "STACK=dev");

/** As drift.yaml does it. */
async function drift(): Promise<Outcome> {
  await make("scan");
  const [folder, script] = [join(checkout.root, ".bucketworks/review/dev"), ".github/scripts/drift-issue.ts"];
  const code = readFileSync(join(folder, "scan.exit"), "utf8").trim();
  const env = Object.entries(github.env).map(([name, value]) => `${name}=${value}`);
  return checkout.run("env", ...env, "node", script, "dev", code, join(folder, "scan.md"));
}

test("a deployment is refused by a policy before anything is made, and done and compared without one", async () => {
  checkout.writePlatforms({ base: OPEN });
  const refused = await make("deploy");
  expect(refused.code).not.toBe(0);
  expect(refused.stdout).toContain("bucket kept lets anyone read kept/pub/");
  expect((await checkout.must("mc", "ls", "dev")).trim()).toBe("");

  checkout.writePlatforms({ base: RIGHT });
  const done = await make("deploy");
  expect(done, done.stderr).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("1 bucket: right"),
  });
});

test("the issue about drift opens with a change by hand, stays when nobody can look, and closes when it is fixed", async () => {
  expect(await drift()).toMatchObject({ code: 0, stdout: "no drift of stack dev, no open issue\n" });
  await checkout.must("mc", "anonymous", "set", "public", "dev/kept");
  expect(await drift()).toMatchObject({ code: 0, stdout: expect.stringMatching(/issue \d+ opened/) });
  expect(github.issues).toMatchObject([{ state: "open", body: expect.stringContaining("`kept`") }]);

  const { user, password } = checkout.server;
  checkout.writeCredentials(user, "wrong-password");
  expect(await drift()).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("could not be looked at (scan ended with 3)"),
  });
  expect(github.issues).toMatchObject([{ state: "open" }]);

  checkout.writeCredentials(user, password);
  await checkout.must("mc", "anonymous", "set", "none", "dev/kept");
  expect(await drift()).toMatchObject({ code: 0, stdout: expect.stringMatching(/issue \d+ closed/) });
  expect(github.issues).toMatchObject([{ state: "closed" }]);
});
