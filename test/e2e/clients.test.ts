import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "minio";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessPolicy } from "../../builders/access-policy.ts";
import type { Access, ServiceAccount, User } from "../../config/model.ts";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { platform } from "../support/platforms.ts";

/** What the sources' clients do, with keys that have the platforms' policies. The client is the sibling of the Python one. */
const PLATFORMS = ["ml-security", "cybersec", "dataops"].map((name) => platform(name));
let dir: string;
let server: TestServer;
let mc: Mc;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "clients-"));
  server = await TestServer.start();
  mc = new Mc(server);
  for (const { name, objectLock } of PLATFORMS.flatMap(({ buckets }) => buckets)) {
    await mc.run("mb", ...(objectLock === null ? [] : ["--with-lock"]), `t/${name}`);
    if (objectLock === null) continue;
    await mc.run("retention", "set", "--default", objectLock.mode, `${objectLock.days}d`, `t/${name}`);
  }
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

/** A user with what the model gives this identity. */
async function userOf(name: string): Promise<Client> {
  const secret = randomBytes(16).toString("hex");
  const of = PLATFORMS.find(({ access }) => identities(access).some((each) => each.name === name));
  if (of === undefined) throw new Error(`no identity ${name}`);
  const { access } = of;
  const held = identities(access).find((each) => each.name === name)?.policies ?? [];
  const grants = access.policies.filter((policy) => held.includes(policy.name)).flatMap((policy) => policy.grants);
  const file = join(dir, `${name}.json`);
  writeFileSync(file, JSON.stringify(accessPolicy(grants)));
  await mc.run("admin", "user", "add", "t", name, secret);
  await mc.run("admin", "policy", "create", "t", name, file);
  await mc.run("admin", "policy", "attach", "t", name, "--user", name);
  return clientOf(name, secret);
}

function identities({ users, serviceAccounts }: Access): (User | ServiceAccount)[] {
  return [...users, ...serviceAccounts];
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

test("CS-014: the ingestion writes RAW, and reads, lists and deletes nothing, there or elsewhere", async () => {
  const ingestion = await userOf("cybersec-ingestion-job");
  const key = "network_events_20251220_121209.parquet";
  await ingestion.putObject("cybersec-ml-raw", key, "x");
  for (const refused of [
    () => ingestion.getObject("cybersec-ml-raw", key),
    () => keysBelow(ingestion, "cybersec-ml-raw", ""),
    () => ingestion.removeObject("cybersec-ml-raw", key),
    () => ingestion.putObject("cybersec-ml-silver", key, "x"),
  ]) {
    await expect(refused()).rejects.toMatchObject({ code: "AccessDenied" });
  }
});

test("DO-003, DO-004: the loader's objects stay whatever it does: it adds versions, and deletes none", async () => {
  const loader = await userOf("dataops-loader-job");
  const key = "binance/raw_binance_btcusdt_spot/created_at=2025-09-11:12:34:56:789";
  const first = await loader.putObject("dataops-staging-raw", key, "first");
  await loader.putObject("dataops-staging-raw", key, "second");
  const versionId = first.versionId ?? "";
  for (const options of [{}, { versionId }, { versionId, governanceBypass: true }]) {
    const removal = loader.removeObject("dataops-staging-raw", key, options);
    await expect(removal).rejects.toMatchObject({ code: "AccessDenied" });
  }
  const root = clientOf(server.user, server.password);
  const removal = root.removeObject("dataops-staging-raw", key, { versionId });
  await expect(removal).rejects.toThrow(/WORM protected/);
  const [body] = await (await root.getObject("dataops-staging-raw", key, { versionId })).toArray();
  expect(String(body)).toBe("first");
});

test("DO-023, DO-026: the promoter alone writes production, and its consumers see nothing of staging", async () => {
  const [promoter, consumer] = [await userOf("dataops-promoter-job"), await userOf("dataops-consumer-app")];
  await promoter.putObject("dataops-production", "binance/t/created_at=2025-09-11:12:34:56:789", "x");
  expect(await keysBelow(consumer, "dataops-production", "binance/")).toHaveLength(1);
  for (const refused of [
    () => promoter.putObject("dataops-staging-transformed", "a", "x"),
    () => consumer.putObject("dataops-production", "a", "x"),
    () => keysBelow(consumer, "dataops-staging-transformed", ""),
  ]) {
    await expect(refused()).rejects.toMatchObject({ code: "AccessDenied" });
  }
});
