import { afterAll, beforeAll, expect, test } from "vitest";
import { TestCheckout } from "../support/checkout.ts";
import { TestServer } from "../support/minio.ts";
import { platformFile } from "../support/specs.ts";
import { dumpOf, stateOf } from "../support/state.ts";

const bucket = (name: string, rest = ""): string =>
  `      - {name: ${name}, description: d, on_delete: delete_if_empty${rest}}`;
const PLAIN = [bucket("plain", ", encryption: none"), bucket("other", ", encryption: none")];
const ENCRYPTED = [bucket("secret-data", ", encryption: sse-s3"), bucket("keyed", ', encryption: "sse-kms:house"')];

let checkout: TestCheckout;

beforeAll(async () => {
  const server = await TestServer.start({ MINIO_KMS_SECRET_KEY: undefined });
  checkout = await TestCheckout.make({ shop: platformFile([...PLAIN, ...ENCRYPTED].join("\n")) }, server);
});
afterAll(() => checkout.remove());

test("a server without KMS is told in the preview and by up, with buckets and remedy, before anything is written", async () => {
  for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
    const { code, stdout, stderr } = await checkout.run("pulumi", ...command);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(
      /http:\S+ has no KMS, and buckets keyed, secret-data ask for encryption: .*MINIO_KMS_SECRET_KEY.*nothing was changed/,
    );
    expect(stdout + stderr).not.toMatch(/NotImplemented|^\s+at .*:\d+:\d+/m);
  }
  expect(await dumpOf(checkout.server)).toEqual({});
  expect((await stateOf(checkout)).map(({ type }) => type)).not.toContain("bucketworks:index:Bucket");
});

test("without encryption in the specs the same server takes them, and what they need stays out of the state", async () => {
  checkout.writePlatforms({ shop: platformFile(PLAIN.join("\n")) });
  await checkout.must("pulumi", "up", "--yes", "--skip-preview");
  expect(Object.keys(await dumpOf(checkout.server)).sort()).toEqual(["other", "plain"]);
  const provider = (await stateOf(checkout)).find(({ type }) => type === "pulumi:providers:bucketworks");
  expect(Object.keys(provider?.inputs ?? {})).not.toContain("needs");
  expect(Object.keys(provider?.inputs ?? {})).toContain("endpoint");
  await checkout.must("pulumi", "preview", "--expect-no-changes");
});
