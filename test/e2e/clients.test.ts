import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "minio";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessPolicy } from "../../builders/access-policy.ts";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { platform } from "../support/platforms.ts";

/** What the source's clients do, with keys that have the policies of ml-security. The client is the sibling of its Python one. */
const { access, buckets } = platform("ml-security");
let dir: string;
let server: TestServer;
let mc: Mc;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "clients-"));
  server = await TestServer.start();
  mc = new Mc(server);
  for (const { name } of buckets) await mc.run("mb", `t/${name}`);
});

afterAll(async () => {
  mc.remove();
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

function clientOf(accessKey: string, secretKey: string): Client {
  const [host = "", port] = server.endpoint.split(":");
  return new Client({ endPoint: host, port: Number(port), useSSL: false, accessKey, secretKey });
}

/** A user with what the model gives this one. */
async function userOf(name: string): Promise<Client> {
  const secret = randomBytes(16).toString("hex");
  const held = access.users.find((each) => each.name === name)?.policies ?? [];
  const grants = access.policies.filter((policy) => held.includes(policy.name)).flatMap((policy) => policy.grants);
  const file = join(dir, `${name}.json`);
  writeFileSync(file, JSON.stringify(accessPolicy(grants)));
  await mc.run("admin", "user", "add", "t", name, secret);
  await mc.run("admin", "policy", "create", "t", name, file);
  await mc.run("admin", "policy", "attach", "t", name, "--user", name);
  return clientOf(name, secret);
}

async function keysBelow(client: Client, bucket: string, prefix: string): Promise<string[]> {
  const found = await client.listObjectsV2(bucket, prefix, true).toArray();
  return found.map(({ name }: { name?: string }) => name ?? "");
}

test("M-032, M-034: buckets are listed, made and asked for; an object is put, got and deleted", async () => {
  const root = clientOf(server.user, server.password);
  await root.makeBucket("new-bucket");
  expect((await root.listBuckets()).map(({ name }) => name)).toContain("new-bucket");
  expect(await root.bucketExists("new-bucket")).toBe(true);
  expect(await root.bucketExists("no-bucket")).toBe(false);
  await expect(root.makeBucket("new-bucket")).rejects.toMatchObject({ code: "BucketAlreadyOwnedByYou" });
  await root.putObject("new-bucket", "object-key", "x", 1, { "Content-Type": "application/octet-stream" });
  const [body] = await (await root.getObject("new-bucket", "object-key")).toArray();
  expect(String(body)).toBe("x");
  await root.removeObject("new-bucket", "object-key");
  expect(await keysBelow(root, "new-bucket", "")).toEqual([]);
});

test("M-033, M-035, M-037: training uploads, downloads, lists and removes with a key of its own, and makes no bucket", async () => {
  const training = await userOf("ml-security-pipeline");
  const [source, target] = [join(dir, "model.pkl"), join(dir, "copy.pkl")];
  writeFileSync(source, "model");
  await training.fPutObject("ml-security", "models/distilbert/model.pkl", source);
  await training.fGetObject("ml-security", "models/distilbert/model.pkl", target);
  expect(readFileSync(target, "utf8")).toBe("model");
  expect(await keysBelow(training, "ml-security", "models/")).toEqual(["models/distilbert/model.pkl"]);
  await training.removeObject("ml-security", "models/distilbert/model.pkl");
  await expect(training.makeBucket("of-my-own")).rejects.toMatchObject({ code: "AccessDenied" });
  await expect(training.putObject("red-team-data", "attacks/a", "x")).rejects.toMatchObject({ code: "AccessDenied" });
});

test("M-036, M-041: mlflow gets, puts, deletes and lists its artifacts, and reaches nothing else", async () => {
  const mlflow = await userOf("mlflow");
  const key = "114/8de878208a774784aeac41e66554d0df/artifacts/model/model.pkl";
  await mlflow.putObject("mlflow-artifacts", key, "x");
  expect(await keysBelow(mlflow, "mlflow-artifacts", "114/")).toEqual([key]);
  await mlflow.removeObject("mlflow-artifacts", key);
  await expect(mlflow.putObject("ml-security", "models/a", "x")).rejects.toMatchObject({ code: "AccessDenied" });
  await expect(keysBelow(mlflow, "ml-security", "")).rejects.toMatchObject({ code: "AccessDenied" });
});

test("M-042: serving reads models alone, the red team writes its own data alone", async () => {
  const serving = await userOf("ml-security-serving");
  await expect(serving.putObject("ml-security", "models/a", "x")).rejects.toMatchObject({ code: "AccessDenied" });
  expect(await keysBelow(serving, "ml-security", "models/")).toEqual([]);
  const redTeam = await userOf("ml-security-red-team");
  await redTeam.putObject("red-team-data", "vulnerabilities/a", "x");
  await expect(redTeam.putObject("ml-security", "models/a", "x")).rejects.toMatchObject({ code: "AccessDenied" });
  await expect(keysBelow(redTeam, "mlflow-artifacts", "")).rejects.toMatchObject({ code: "AccessDenied" });
});
