import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Checkout, checkoutAt } from "../../cli/checkout.ts";
import { deployed } from "../../cli/local/stack/own-or-named-server.ts";
import { TestServer } from "../support/minio.ts";
import { copyProject } from "../support/project-copy.ts";
import { platformFile } from "../support/specs.ts";
import { dumpOf, rootClient } from "../support/state.ts";

let checkout: Checkout;
let server: TestServer;

/** An existing MinIO with somebody's data, and a bare checkout with one platform. */
beforeAll(async () => {
  server = await TestServer.start();
  checkout = checkoutAt(copyProject());
  const platforms = join(checkout.root, "config", "platforms");
  for (const name of readdirSync(platforms)) rmSync(join(platforms, name), { recursive: true });
  const buckets = ["orders, on_delete: retain", "scratch"].map((each) => `      - {name: ${each}, description: d}`);
  writeFileSync(join(platforms, "shop.yaml"), platformFile(buckets.join("\n")));
  writeFileSync(join(platforms, "extra.yaml"), platformFile("      - {name: extra, description: d}"));
  const client = rootClient(server);
  await client.createBucket({ Bucket: "theirs" });
  await client.putObject({ Bucket: "theirs", Key: "precious", Body: "data" });
  client.destroy();
});
afterAll(async () => {
  await server.stop();
  rmSync(checkout.root, { recursive: true, force: true });
});

function shell(line: string, input = ""): { code: number | null; out: string } {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  const found = spawnSync("sh", ["-c", line], { cwd: checkout.root, env, input, encoding: "utf8" });
  return { code: found.status, out: found.stdout + found.stderr };
}

const bucketworks = (command: string) => shell(`bin/bucketworks ${command}`);
const set = (rest: string, input?: string) =>
  shell(`. toolchain/env.sh && pulumi config set --stack dev ${rest}`, input);
const names = async () => Object.keys(await dumpOf(server)).sort();

test("a stack with credentials and no endpoint is told the command, and no server is started", () => {
  expect(set("--secret bucketworks:rootUser", server.user).code).toBe(0);
  expect(set("--secret bucketworks:rootPassword", server.password).code).toBe(0);
  const { code, out } = bucketworks("up");
  expect([code, out]).toEqual([2, expect.stringMatching(/no MinIO endpoint: .*; pulumi config set --stack dev/)]);
  expect(existsSync(checkout.minio.folder)).toBe(false);
});

test("up deploys the platforms that the stack chooses on the server it names, and starts none", async () => {
  set(`bucketworks:endpoint ${server.endpoint}`);
  set("bucketworks:secure false");
  set("--path 'bucketworks:platforms[0]' shop");
  const { code, out } = bucketworks("up");
  expect(code, out).toBe(0);
  expect(out).toContain(`endpoint   http://${server.endpoint}`);
  expect(out).not.toContain(server.password);
  expect(await names()).toEqual(["orders", "scratch", "theirs"]);
  expect(existsSync(checkout.minio.folder)).toBe(false);
  expect(bucketworks("up").out).toContain("deployed: nothing to change");
});

test("a stack that has buckets there isn't deployed on another server", () => {
  set("bucketworks:endpoint 127.0.0.1:1");
  const { code, out } = bucketworks("up");
  set(`bucketworks:endpoint ${server.endpoint}`);
  expect([code, out]).toEqual([
    2,
    expect.stringMatching(/stack dev has 2 buckets on http:\S+ and names 127\.0\.0\.1:1/),
  ]);
});

test("down, destroy and clean leave that server and everything that isn't the stack's alone", async () => {
  const { theirs } = await dumpOf(server);
  expect(bucketworks("down")).toMatchObject({ code: 0, out: expect.stringContaining("isn't running") });
  const { code, out } = bucketworks("destroy");
  expect([code, out]).toEqual([0, expect.stringContaining(`stays on ${server.endpoint}`)]);
  expect(await names()).toEqual(["orders", "theirs"]);
  expect(bucketworks("clean --yes")).toMatchObject({ code: 0, out: expect.stringContaining("stays there") });
  expect(await names()).toEqual(["orders", "theirs"]);
  expect((await dumpOf(server)).theirs).toEqual(theirs);
});

test("where a stack is deployed is read from its state, empty or not", () => {
  expect(deployed(undefined)).toEqual({ url: undefined, buckets: 0 });
  expect(deployed('{"checkpoint":{"latest":null}}')).toEqual({ url: undefined, buckets: 0 });
});
