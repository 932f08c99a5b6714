import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifyStage } from "../../verify/buckets.ts";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { addressOf, bucketworks, environment, make, SpecFile } from "../support/verified.ts";

const SPEC = `
minio_config: {endpoint: "\${MINIO_ENDPOINT:-localhost:9000}", secure: false}
bucket_groups:
  trial:
    buckets:
      - {name: first-bucket, tags: {owner: a}}
      - {name: second-bucket, tags: {owner: a}}
      - {name: third-bucket, tags: {owner: a}}
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

/** Expects one sentence, exit code 3 and nothing that looks like a finding. */
async function expectSentence(env: Record<string, string>, words: RegExp, format = "text"): Promise<void> {
  const { code, stdout, stderr } = await bucketworks(["verify", "--format", format, spec.path], env);
  expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  expect(stderr).toMatch(words);
  expect(stderr.trimEnd()).not.toContain("\n");
  expect(stderr).not.toContain(server.password);
}

describe("a server that can't be looked at is said in one sentence, exit code 3 (U-093):", () => {
  test("nothing listens (M-065)", () =>
    expectSentence(
      { ...environment(server), MINIO_ENDPOINT: "127.0.0.1:1" },
      /^verify: can't reach MinIO at http:\/\/127\.0\.0\.1:1: connection refused; .*MINIO_ENDPOINT/,
      "json",
    ));

  test("the access key is unknown", () =>
    expectSentence(
      { ...environment(server), MINIO_ROOT_USER: "nobody" },
      /refuses the credentials \(InvalidAccessKeyId\); they come from MINIO_ROOT_USER and MINIO_ROOT_PASSWORD/,
    ));

  test("the password is wrong (M-066)", () =>
    expectSentence(
      { ...environment(server), MINIO_ROOT_PASSWORD: "wrong-wrong" },
      /refuses the credentials \(SignatureDoesNotMatch\)/,
    ));

  test("it is down", async () => {
    await server.pause();
    try {
      await expectSentence(environment(server), /can't reach MinIO at .*: connection refused/);
    } finally {
      await server.resume();
    }
  });

  test("it takes the connection and never answers", async () => {
    server.freeze();
    try {
      const look = verifyStage(spec.model(), addressOf(server));
      await expect(look).rejects.toThrow(/can't reach MinIO at .*: no answer in time/);
    } finally {
      server.thaw();
    }
  });
});

test("a server that goes away midway leaves the rest unread, not missing", async () => {
  const names = Array.from({ length: 60 }, (_, index) => `{name: never-made-${index}}`);
  const many = new SpecFile(`bucket_groups: {trial: {buckets: [${names}]}}`);
  let ended: Promise<void> | undefined;
  const onProgress = (done: number): void => {
    if (done === 20) ended = server.pause("SIGKILL");
  };
  try {
    const { findings, notRead } = await verifyStage(many.model(), addressOf(server), { onProgress });
    expect(findings.length + notRead.length).toBe(60);
    expect(findings.length).toBeGreaterThanOrEqual(20);
    expect(new Set(findings.map(({ actual }) => actual))).toEqual(new Set(["missing"]));
    expect(notRead.length).toBeGreaterThan(0);
    for (const { reason } of notRead) expect(reason).toMatch(/can't reach MinIO/);
  } finally {
    await ended;
    await server.resume();
    many.remove();
  }
});

describe("a server that isn't MinIO, or isn't well", () => {
  let other: Server;
  let answer: (path: string) => [status: number, body: string] = () => [500, ""];
  const port = () => (other.address() as AddressInfo).port;

  beforeAll(async () => {
    other = createServer((request, response) => {
      const [status, body] = answer(request.url ?? "");
      response.writeHead(status).end(body);
    }).listen(0, "127.0.0.1");
    await once(other, "listening");
  });

  afterAll(() => {
    other.closeAllConnections();
    other.close();
  });

  const BUSY = "<Error><Code>SlowDown</Code><Message>reduce your rate</Message></Error>";
  const LIST = "<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>";

  test.each<[string, number, string, RegExp]>([
    ["503 of a proxy", 503, "<html>no backend</html>", /too busy or not ready \(503\)/],
    ["503 of MinIO", 503, BUSY, /too busy or not ready \(SlowDown\)/],
    ["404 without a body", 404, "", /answered 404, not as MinIO would/],
    ["404 of a web server", 404, "<html><body>not found</body></html>", /answered 404, not as MinIO would/],
    ["a web page", 200, "<html><body>hello</body></html>", /answered 200, not as MinIO would/],
    ["a redirection", 307, "", /answered 307, not as MinIO would/],
  ])("%s", async (_, status, body, words) => {
    answer = () => [status, body];
    const endpoint = `127.0.0.1:${port()}`;
    await expect(verifyStage(spec.model(), addressOf(server, { endpoint }))).rejects.toThrow(words);
  });

  test("is exit code 3 of the command too", async () => {
    answer = () => [503, "<html>no backend</html>"];
    await expectSentence({ ...environment(server), MINIO_ENDPOINT: `127.0.0.1:${port()}` }, /too busy or not ready/);
  });

  test.each<[string, number, string, RegExp]>([
    ["503", 503, BUSY, /none of 3 buckets could be read: .*too busy/],
    ["404 without a body is not an absent bucket", 404, "", /none of 3 buckets .*answered 404, not as MinIO would/],
    ["404 of a web server is no absent setting", 404, "<html></html>", /none of 3 buckets .*answered 404/],
    ["200 with a web page is no setting", 200, "<html><body>hello", /none of 3 buckets .*answered 200/],
    ["200 with half an answer is no setting", 200, "<Tagging><TagSet>", /none of 3 buckets .*answered 200/],
  ])("%s, after the list of buckets was right", async (_, status, body, words) => {
    answer = (path) => (/^\/(\?|$)/.test(path) ? [200, LIST] : [status, body]);
    const endpoint = `127.0.0.1:${port()}`;
    await expect(verifyStage(spec.model(), addressOf(server, { endpoint }))).rejects.toThrow(words);
  });
});

describe("a look at a part", () => {
  const POLICY = {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: ["s3:*"], Resource: ["arn:aws:s3:::first-bucket*", "arn:aws:s3:::third-bucket*"] },
      { Effect: "Allow", Action: ["admin:GetBucketQuota"] },
    ],
  };
  const limited = { MINIO_ROOT_USER: "limited-user", MINIO_ROOT_PASSWORD: "limited-password" };

  beforeAll(async () => {
    const document = new SpecFile(JSON.stringify(POLICY));
    await mc.run("admin", "policy", "create", "t", "limited", document.path);
    document.remove();
    await mc.run("admin", "user", "add", "t", limited.MINIO_ROOT_USER, limited.MINIO_ROOT_PASSWORD);
    await mc.run("admin", "policy", "attach", "t", "limited", "--user", limited.MINIO_ROOT_USER);
    await mc.run("tag", "set", "t/third-bucket", "owner=z");
  });

  test("shows the others' findings, names the bucket that can't be read, exit code 3", async () => {
    const env = { ...environment(server), ...limited };
    const { code, stdout } = await bucketworks(["verify", spec.path], env);
    expect(code).toBe(3);
    expect(stdout.trimEnd().split("\n")).toEqual([
      'third-bucket tags.owner: expected "a", is "z"',
      expect.stringMatching(/^could not read second-bucket: the credentials may not read \w+ \(AccessDenied\)/),
      `3 buckets, 1 finding, 1 could not be looked at (stage dev, ${server.url})`,
    ]);
    const json = JSON.parse((await bucketworks(["verify", "--format", "json", spec.path], env)).stdout);
    expect(json.findings).toHaveLength(1);
    expect(json.notRead).toEqual([
      { bucket: "second-bucket", platform: "trial", reason: expect.stringContaining("AccessDenied") },
    ]);
  });
});

describe("wrong use is exit code 2 and one sentence:", () => {
  test.each<[string, string[], RegExp]>([
    ["a stage without a stack", ["--stage", "no-such-stage"], /no stack "no-such-stage": Pulumi\.no-such-stage\.yaml/],
    ["a file that isn't there", ["/no/such/file.yaml"], /file\.yaml/],
    ["an unknown option", ["--no-such-option"], /unknown option/],
    ["an unknown format", ["--format", "xml"], /Allowed choices are text, json/],
  ])("%s", async (_, args, words) => {
    const { code, stdout, stderr } = await bucketworks(["verify", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
