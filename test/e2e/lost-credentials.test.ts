import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestCheckout } from "../support/checkout.ts";
import { platformFile } from "../support/specs.ts";
import { dumpOf, stateOf } from "../support/state.ts";

const SPEC = `${platformFile("      - {name: raw-data, description: d}")}access:
  policies:
    reader: {grants: [{role: read, bucket: raw-data}]}
  groups:
    readers: {policies: [reader]}
  users:
    analyst: {policies: [reader], groups: [readers]}
  service_accounts:
    report-job: {user: analyst, policies: [reader]}
`;
const UP = ["up", "--yes", "--skip-preview"];
const REFRESH = ["refresh", "--yes", "--skip-preview"];

let checkout: TestCheckout;

beforeAll(async () => {
  checkout = await TestCheckout.make({ base: SPEC });
  await checkout.must("pulumi", ...UP);
});

afterAll(() => checkout.remove());

type Keys = Record<string, { readonly accessKey: string; readonly secretKey: string }>;

async function keys(): Promise<Keys> {
  return JSON.parse(await checkout.must("pulumi", "stack", "output", "credentials", "--json", "--show-secrets"));
}

/** What there is to lose, without what holds the password itself. */
async function held(): Promise<unknown> {
  const resources = (await stateOf(checkout)).filter(({ type }) => !type.startsWith("pulumi:providers:"));
  const inState = resources.map(({ urn, id, outputs }) => ({ urn, id, secret: outputs?.secret ?? outputs?.secretKey }));
  return { inState, server: await dumpOf(checkout.server), keys: await keys() };
}

async function keysWork(): Promise<void> {
  for (const { accessKey, secretKey } of Object.values(await keys())) {
    const client = new S3({
      endpoint: checkout.server.url,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    });
    await client.listObjectsV2({ Bucket: "raw-data" });
    client.destroy();
  }
}

test("after the root password was rotated nothing is lost, and the documented commands go on with the new one", async () => {
  await keysWork();
  const before = await held();
  await checkout.server.rotate();
  checkout.writeCredentials(checkout.server.user, checkout.server.password);

  const plain = await checkout.run("pulumi", ...REFRESH);
  expect(plain.code).not.toBe(0);
  expect(plain.stdout).toMatch(/refuses the credentials \(SignatureDoesNotMatch\).* run pulumi with --run-program/);
  expect(await held()).toEqual(before);

  const drift = await checkout.run("bin/bucketworks", "drift");
  expect(drift).toMatchObject({ code: 0, stdout: expect.stringMatching(/ 0 changed on the server/) });
  await checkout.must("pulumi", ...REFRESH, "--run-program");
  expect(await held()).toEqual(before);
  await checkout.must("pulumi", ...UP);
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
  expect(await held()).toEqual(before);
  await keysWork();
});

/** As docs/runbook.md has it. */
const forget = (urn: string, ...more: string[]) =>
  checkout.must(
    "sh",
    "-c",
    `pulumi state delete --yes ${more.join(" ")} "$(pulumi stack --show-urns | grep -o 'urn:.*${urn}$')"`,
  );

test("a user deleted by hand is seen by verify, and comes back once it is forgotten with all that hangs on it", async () => {
  await checkout.must("mc", "admin", "user", "remove", "dev", "analyst");
  expect((await checkout.run("bin/bucketworks", "verify")).stdout).toMatch(/analyst: can't use its key/);
  expect(await checkout.run("bin/bucketworks", "drift")).toMatchObject({ code: 3 });
  await forget("iamUser:IamUser::base/analyst", "--target-dependents");
  await checkout.must("pulumi", ...UP);
  await keysWork();
});

test("a user that an update with refresh has made again lacks its service accounts only until they are forgotten", async () => {
  await checkout.must("mc", "admin", "user", "remove", "dev", "analyst");
  const { code, stdout } = await checkout.run("pulumi", ...UP, "--refresh", "--run-program");
  expect(code).not.toBe(0);
  expect(stdout).toMatch(/error reading service account/);
  await forget("IamServiceAccount::base/report-job");
  await checkout.must("pulumi", ...UP);
  await keysWork();
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});
