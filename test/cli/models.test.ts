import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { checkoutAt } from "../../cli/checkout.ts";
import { listCommand } from "../../cli/models/list.ts";
import { bucketworks } from "../support/cli.ts";
import { freePort } from "../support/minio.ts";

/** As MLflow answers of one model; test/e2e/mlflow.test.ts asks a real one. */
const tags = (values: Record<string, string>) => Object.entries(values).map(([key, value]) => ({ key, value }));
const TRAINED = { semantic_version: "1.2.0", data_version: "md5:aa", commit: "0123abc", "param.depth": "3" };
const VERSIONS = [
  { name: "masker", version: "1", tags: tags({ ...TRAINED, "metric.f1": "0.91", "metric.recall": "0.9" }) },
  {
    name: "masker",
    version: "2",
    tags: tags({
      ...TRAINED,
      semantic_version: "1.3.0",
      data_version: "md5:bb",
      "param.depth": "4",
      "metric.f1": "0.95",
    }),
  },
  { name: "masker", version: "10", tags: tags({ semantic_version: "one", "metric.f1": "0.99" }) },
  { name: "masker", version: "11" },
];
const UNFINISHED = {
  ...{ name: "masker", version: "12", status: "PENDING_REGISTRATION" },
  tags: tags({ ...TRAINED, "metric.f1": "", "metric.recall": "0.9" }),
};

let server: Server;
let url: string;
let aliases: { alias: string; version: string }[];
let versions: readonly object[];
/** Somebody deletes the version between the look and the deed. */
let isGone: boolean;
/** Replaces the next answers. */
let instead: { status: number; text: string } | undefined;
let login: string | undefined;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    login = request.headers.authorization;
    let body = "";
    for await (const chunk of request) body += chunk;
    const { pathname, searchParams } = new URL(request.url ?? "", "http://x");
    const answer = (status: number, value: object) => response.writeHead(status).end(JSON.stringify(value));
    if (instead !== undefined) response.writeHead(instead.status).end(instead.text);
    else if (pathname.endsWith("registered-models/search"))
      answer(200, { registered_models: [{ name: "masker", aliases }] });
    else if (pathname.endsWith("registered-models/get")) {
      if (searchParams.get("name") === "masker") answer(200, { registered_model: { name: "masker", aliases } });
      else answer(404, { error_code: "RESOURCE_DOES_NOT_EXIST", message: "no such model" });
    } else if (pathname.endsWith("model-versions/search")) {
      // In pages, newest first, as MLflow does.
      const all = [...versions].reverse();
      if (searchParams.get("page_token") === null)
        answer(200, { model_versions: all.slice(0, 3), next_page_token: "2" });
      else answer(200, { model_versions: all.slice(3) });
    } else if (request.method === "POST" && pathname.endsWith("registered-models/alias")) {
      if (isGone) return answer(404, { error_code: "RESOURCE_DOES_NOT_EXIST", message: "no such version" });
      const { alias, version } = JSON.parse(body);
      aliases = [...aliases.filter((each) => each.alias !== alias), { alias, version }];
      answer(200, {});
    } else answer(404, {});
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  aliases = [{ alias: "production", version: "1" }];
  versions = VERSIONS;
  isGone = false;
  instead = undefined;
});

const models = (...args: string[]) => bucketworks(["models", ...args, "--tracking-uri", url]);

test("list shows every version, oldest first, with its aliases, semantic version, data version and quality", async () => {
  const { code, stdout } = await models("list");
  expect(code).toBe(0);
  expect(stdout.split("\n").slice(0, 5)).toEqual([
    "MODEL   VERSION  ALIASES     SEMANTIC VERSION  DATA VERSION  QUALITY",
    "masker        1  production             1.2.0  md5:aa        f1 0.91, recall 0.9",
    "masker        2  -                      1.3.0  md5:bb        f1 0.95",
    "masker       10  -           one               -             f1 0.99",
    "masker       11  -           -                 -             -",
  ]);
  const json = JSON.parse((await models("list", "--format", "json")).stdout);
  expect(json).toMatchObject({
    schemaVersion: 1,
    versions: [{ version: "1", metrics: { f1: 0.91, recall: 0.9 } }, {}, {}, {}],
  });
});

test("compare shows data version, metrics with their difference, and parameters that differ", async () => {
  const { stdout } = await models("compare", "masker", "production", "2");
  for (const line of [
    /data version +md5:aa +md5:bb +other data/,
    /metric f1 +0.91 +0.95 +\+0.04/,
    /metric recall +0.9 +- +-/,
    /param depth +3 +4/,
  ])
    expect(stdout).toMatch(line);
  expect(JSON.parse((await models("compare", "masker", "1", "2", "--format", "json")).stdout)).toMatchObject({
    schemaVersion: 1,
    metrics: { f1: { first: 0.91, second: 0.95, difference: 0.04 }, recall: { second: null, difference: null } },
    parameters: { depth: { first: "3", second: "4" } },
    sameData: false,
  });
});

test("promote moves the alias and prints what it pointed to before; the same again takes it back", async () => {
  const there = await models("promote", "masker", "2", "--at-least", "f1=0.95");
  expect(there).toMatchObject({ code: 0, stdout: "masker: production was version 1 (1.2.0), is version 2 (1.3.0)\n" });
  expect(aliases).toEqual([{ alias: "production", version: "2" }]);
  expect((await models("promote", "masker", "2")).stdout).toBe("masker: production is version 2 (1.3.0) already\n");
  await models("promote", "masker", "1");
  expect(aliases).toEqual([{ alias: "production", version: "1" }]);
  expect((await models("promote", "masker", "2", "--alias", "challenger")).stdout).toContain(
    "challenger was nothing, is",
  );
});

test("a dry run of promote says what would change, and changes nothing", async () => {
  const { code, stdout } = await models("promote", "masker", "2", "--dry-run");
  expect([code, stdout]).toEqual([
    0,
    "masker: production was version 1 (1.2.0), would be version 2 (1.3.0) (nothing was changed)\n",
  ]);
  expect(aliases).toEqual([{ alias: "production", version: "1" }]);
});

test.each([
  ["a quality below what is asked", ["2", "--at-least", "f1=0.96"], /version 2 \(1.3.0\): its f1 is 0.95, below 0.96/],
  [
    "a metric that it hasn't",
    ["2", "--at-least", "recall=0.5"],
    /has no metric recall, of which 0.5 is asked; it has f1/,
  ],
  ["a version that is no semantic one", ["10"], /its semantic_version is one, which is no semantic version like 1.4.0/],
  ["no data version", ["10"], /has no tag data_version; training sets it/],
  ["no commit", ["10"], /has no tag commit/],
  ["no tag at all", ["11"], /has no tag semantic_version;.*\n.*\n.*\n.*has no tag metric.NAME/],
])("promote refuses %s, and leaves the alias where it was", async (_, args, said) => {
  const { code, stderr } = await models("promote", "masker", ...args);
  expect([code, stderr]).toEqual([1, expect.stringMatching(said)]);
  expect(stderr).toContain("refused: alias production stays where it was");
  expect(aliases).toEqual([{ alias: "production", version: "1" }]);
});

test("promote refuses a version whose registration isn't done, and takes an empty metric for none", async () => {
  versions = [...VERSIONS, UNFINISHED];
  const { code, stderr } = await models("promote", "masker", "12", "--at-least", "f1=0");
  expect([code, stderr]).toEqual([1, expect.stringContaining("its status is PENDING_REGISTRATION, not READY")]);
  expect(stderr).toContain("has no metric f1, of which 0 is asked; it has recall");
  expect(aliases).toEqual([{ alias: "production", version: "1" }]);
});

test("promote of a version that is deleted meanwhile ends with exit code 3, and doesn't say that it was moved", async () => {
  isGone = true;
  const { code, stdout, stderr } = await models("promote", "masker", "2");
  expect([code, stdout, stderr]).toEqual([3, "", expect.stringContaining("has no version 2 of masker any more")]);
});

test.each([
  ["a model that isn't registered", ["compare", "maskr", "1", "2"], 2, "no registered model maskr; there are masker"],
  [
    "a version that isn't there",
    ["promote", "masker", "7"],
    2,
    "has no version or alias 7; it has 1 = production, 2, 10, 11",
  ],
  [
    "an alias that MLflow keeps for itself",
    ["promote", "masker", "2", "--alias", "latest"],
    2,
    "must begin with a letter",
  ],
  [
    "a quality that is no number",
    ["promote", "masker", "2", "--at-least", "f1=high"],
    2,
    "must be a metric and a number",
  ],
] as const)("models names %s", async (_, args, exit, said) => {
  const { code, stderr } = await models(...args);
  expect([code, stderr]).toEqual([exit, expect.stringContaining(said)]);
});

test.each([
  ["wants a login", { status: 401, text: "" }, "wants a login; set MLFLOW_TRACKING_USERNAME"],
  [
    "refuses a login",
    { status: 403, text: '{"error_code":"PERMISSION_DENIED","message":"no"}' },
    "refuses that to this login; no",
  ],
  ["is no registry", { status: 200, text: "<html>" }, "answers something else than a registry does"],
  [
    "fails",
    { status: 500, text: '{"error_code":"INTERNAL_ERROR","message":"disk full"}' },
    "answers INTERNAL_ERROR: disk full",
  ],
] as const)("models ends with exit code 3 and one sentence where the server %s", async (_, other, said) => {
  instead = other;
  for (const args of [["list"], ["compare", "masker", "1", "2"], ["promote", "masker", "2"]]) {
    const { code, stdout, stderr } = await models(...args);
    expect([code, stdout, stderr]).toEqual([3, "", expect.stringContaining(said)]);
    expect(stderr).not.toMatch(/\n +at /);
  }
  expect(aliases).toEqual([{ alias: "production", version: "1" }]);
});

test("models says that nobody answers, and that an address holds a login, which is not printed", async () => {
  const gone = await bucketworks(["models", "list", "--tracking-uri", `http://127.0.0.1:${await freePort()}`]);
  expect([gone.code, gone.stderr]).toEqual([
    3,
    expect.stringMatching(/doesn't answer \(ECONNREFUSED\); make services/),
  ]);
  const login = await bucketworks(["models", "list", "--tracking-uri", "http://ana:canary@127.0.0.1:1"]);
  expect([login.code, login.stderr]).toEqual([2, expect.stringContaining("MLFLOW_TRACKING_USERNAME")]);
  expect(login.stderr).not.toContain("canary");
  const wrong = await bucketworks(["models", "list", "--tracking-uri", "s3://models"]);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("must be the http(s) address")]);
});

test("logins come from MLflow's own variables", async () => {
  const env = { MLFLOW_TRACKING_URI: url, MLFLOW_TRACKING_USERNAME: "ana", MLFLOW_TRACKING_PASSWORD: "pass" };
  await bucketworks(["models", "list"], { env });
  expect(login).toBe(`Basic ${Buffer.from("ana:pass").toString("base64")}`);
  await bucketworks(["models", "list"], { env: { MLFLOW_TRACKING_URI: url, MLFLOW_TRACKING_TOKEN: "t" } });
  expect(login).toBe("Bearer t");
});

test("the option that names a platform wins over the variable that names an address", async () => {
  const root = mkdtempSync(join(tmpdir(), "models-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const folder = join(root, ".bucketworks/services/shop-mlflow");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "endpoint"), url.replace("http://", ""));
  vi.stubEnv("MLFLOW_TRACKING_URI", `http://127.0.0.1:${await freePort()}`);
  vi.stubEnv("MLFLOW_TRACKING_TOKEN", "of-shop");
  onTestFinished(() => void vi.unstubAllEnvs());
  await listCommand(checkoutAt(root)).parseAsync(["--platform", "shop"], { from: "user" });
  expect(login).toBe("Bearer of-shop");
  const both = await bucketworks(["models", "list", "--platform", "shop", "--tracking-uri", url]);
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("cannot be used with")]);
});
