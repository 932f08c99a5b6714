import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifyStage } from "../../verify/buckets.ts";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { addressOf, bucketworks, environment, make, SpecFile } from "../support/verified.ts";

type Change = readonly [what: string, command: (bucket: string) => string[], path: string, line: RegExp];

/** Behind its back: what somebody does with `mc`, and what `verify` says about it. */
const CHANGES: readonly Change[] = [
  ["a tag changed", (b) => ["tag", "set", b, "layer=L9&owner=a"], "tags.layer", /expected "L0", is "L9"$/],
  ["a tag added", (b) => ["tag", "set", b, "layer=L0&owner=a&x=y"], "tags.x", /expected none, is "y"$/],
  [
    "a lifecycle rule changed",
    (b) => ["ilm", "rule", "edit", "--id", "retention", "--expire-days", "3", b],
    "lifecycle.retention.Expiration.Days",
    /expected 7, is 3$/,
  ],
  ["versioning suspended", (b) => ["version", "suspend", b], "versioning", /expected on, is off$/],
  ["encryption off", (b) => ["encrypt", "clear", b], "encryption", /expected sse-s3, is none$/],
  [
    "the quota changed",
    (b) => ["quota", "set", b, "--size", "3GiB"],
    "quota",
    /expected 1073741824 bytes, is 3221225472 bytes$/,
  ],
  [
    "the bucket made public",
    (b) => ["anonymous", "set", "download", b],
    "policy",
    /expected private, is anyone may .*s3:GetObject on arn:aws:s3:::/,
  ],
  ["the empty bucket deleted", (b) => ["rb", b], "bucket", /: missing, the server has no such bucket$/],
];

const names = CHANGES.map((_, index) => `0${index}-changed-by-hand`);
const SPEC = `
minio_config: {endpoint: "\${MINIO_ENDPOINT:-localhost:9000}", secure: false}
bucket_groups:
  trial:
    versioning: true
    retention_days: 7
    encryption: sse-s3
    quota: 1GiB
    buckets:
${names.map((name) => `      - {name: ${name}, tags: {layer: L0, owner: a}}`).join("\n")}
`;

let server: TestServer;
let mc: Mc;
let spec: SpecFile;

beforeAll(async () => {
  server = await TestServer.start();
  mc = new Mc(server);
  spec = new SpecFile(SPEC);
  await make(spec.model(), server);
});

afterAll(async () => {
  await server.stop();
  mc.remove();
  spec.remove();
});

test("buckets lists what the server has, with the platform whose file names it", async () => {
  await mc.run("mb", "t/unknown");
  const asked = ["buckets", spec.path];
  const { code, stdout } = await bucketworks([...asked, "--format", "json"], environment(server));
  const text = await bucketworks(asked, environment(server));
  await mc.run("rb", "t/unknown");
  const { buckets, ...rest } = JSON.parse(stdout);
  expect({ code, ...rest }).toEqual({ code: 0, schemaVersion: 1, server: server.url });
  const owners = buckets.map(({ name, platform }: Record<string, string>) => [name, platform]);
  expect(owners).toEqual([...names.map((name) => [name, expect.any(String)]), ["unknown", null]]);
  expect(Date.parse(buckets[0].created_at)).toBeGreaterThan(0);
  expect(text.stdout).toMatch(/^unknown +\S+Z +\(no platform\)$/m);
  expect(text.stderr).toBe(`9 buckets on ${server.url}\n`);
});

test("the server as deployed is right", async () => {
  const { code, stdout, stderr } = await bucketworks(["verify", spec.path], environment(server));
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const note = "expiry is asynchronous: objects past their age may still be there until the server comes to them";
  expect(stdout).toBe(`${note}\n8 buckets: right (stage dev, ${server.url})\n`);
});

describe("changed behind its back with mc, verify names bucket and setting:", () => {
  test.each(CHANGES.map((change, index) => [...change, names[index] ?? ""] as const))(
    "%s",
    async (_, command, path, __, bucket) => {
      await mc.run(...command(`t/${bucket}`));
      const report = await verifyStage(spec.model(), addressOf(server));
      const own = report.findings.filter((finding) => finding.bucket === bucket);
      expect(own.map((finding) => [finding.platform, finding.path])).toEqual([["trial", path]]);
      expect(report.notRead).toEqual([]);
    },
  );
});

test("all eight at once, a missing bucket too: a line each and exit code 1 (M-049, M-067)", async () => {
  const { code, stdout, stderr } = await bucketworks(["verify", spec.path], environment(server));
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  const lines = stdout.trimEnd().split("\n");
  expect(lines.pop()).toBe(`8 buckets, 8 findings (stage dev, ${server.url})`);
  for (const [index, [, , path, words]] of CHANGES.entries()) {
    expect(lines[index]).toMatch(words);
    expect(lines[index]).toMatch(path === "bucket" ? `${names[index]}: missing` : `${names[index]} ${path}: expected`);
  }
});

test("json holds the same findings, for programs (U-004, U-053)", async () => {
  const { code, stdout } = await bucketworks(["verify", "--format", "json", spec.path], environment(server));
  expect(code).toBe(1);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ schemaVersion: 1, stage: "dev", server: server.url, buckets: 8, notRead: [] });
  expect(report.findings[0]).toEqual({
    bucket: names[0],
    platform: "trial",
    setting: "tags",
    path: "tags.layer",
    expected: "L0",
    actual: "L9",
  });
  expect(report.findings.map(({ path }: { path: string }) => path)).toEqual(CHANGES.map(([, , path]) => path));
});

test("quiet leaves the findings and takes the summary", async () => {
  const { stdout } = await bucketworks(["verify", "--quiet", spec.path], environment(server));
  expect(stdout.trimEnd().split("\n")).toHaveLength(8);
  expect(stdout).not.toContain("findings");
});
