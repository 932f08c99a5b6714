import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, CopyDestinationOptions, CopySourceOptions } from "minio";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessPolicy } from "../../builders/access-policy.ts";
import type { Access, Grant, Role, ServiceAccount, User } from "../../config/model.ts";
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

const ROLES = ["list", "read", "write", "delete", "read_write", "restore", "inspect"] as const;
const VERSIONED = "versions-of-all";

/** A user of its own for each set of grants, in a policy of its own each. */
async function holderOf(name: string, ...policies: readonly Grant[][]): Promise<{ client: Client; secret: string }> {
  const secret = randomBytes(16).toString("hex");
  await mc.run("admin", "user", "add", "t", name, secret);
  for (const [index, grants] of policies.entries()) {
    const file = join(dir, `${name}-${index}.json`);
    writeFileSync(file, JSON.stringify(accessPolicy(grants)));
    await mc.run("admin", "policy", "create", "t", `${name}-${index}`, file);
    await mc.run("admin", "policy", "attach", "t", `${name}-${index}`, "--user", name);
  }
  return { client: clientOf(name, secret), secret };
}

const onVersioned = (role: Role, ...prefixes: string[]): Grant[] => [{ role, bucket: VERSIONED, prefixes }];

/** `yes`, or the server's code. */
async function attempt(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "yes",
    (error: { code?: string }) => String(error.code),
  );
}

function copied(client: Client, from: { key: string; versionId: string }, to: string): Promise<unknown> {
  return client.copyObject(
    new CopySourceOptions({ Bucket: VERSIONED, Object: from.key, VersionID: from.versionId }),
    new CopyDestinationOptions({ Bucket: VERSIONED, Object: to }),
  );
}

async function versionedBucket(): Promise<{ key: string; versionId: string }> {
  const root = clientOf(server.user, server.password);
  await mc.run("mb", "--ignore-existing", "--with-versioning", `t/${VERSIONED}`);
  const key = `in/${randomBytes(4).toString("hex")}`;
  const { versionId } = await root.putObject(VERSIONED, key, "former");
  await root.putObject(VERSIONED, key, "current");
  return { key, versionId: versionId ?? "" };
}

test("each role finds its bucket; former versions are read by restore alone, and tagged or deleted by none", async () => {
  const { key, versionId } = await versionedBucket();
  const root = clientOf(server.user, server.password);
  for (const role of ROLES) {
    const { client } = await holderOf(`of-${role.replace("_", "-")}`, onVersioned(role));
    const tried = {
      bucket: await attempt(client.bucketExists(VERSIONED)),
      uploads: await attempt(client.listIncompleteUploads(VERSIONED, key, true).toArray()),
      get: await attempt(client.getObject(VERSIONED, key, { versionId })),
      stat: await attempt(client.statObject(VERSIONED, key, { versionId })),
      tags: await attempt(client.getObjectTagging(VERSIONED, key, { versionId })),
      copy: await attempt(copied(client, { key, versionId }, `${key}-copy`)),
      tag: await attempt(client.setObjectTagging(VERSIONED, key, { a: "b" }, { versionId })),
      remove: await attempt(client.removeObject(VERSIONED, key, { versionId })),
      removeMany: JSON.stringify(await client.removeObjects(VERSIONED, [{ name: key, versionId }])),
    };
    const reads = role === "restore" ? "yes" : "AccessDenied";
    expect({ role, ...tried }).toEqual({
      role,
      bucket: "yes",
      uploads: /write/.test(role) ? "yes" : "AccessDenied",
      get: reads,
      // the answer to HEAD has no body with the server's code
      stat: role === "restore" ? "yes" : expect.not.stringMatching("yes"),
      tags: reads,
      copy: "AccessDenied",
      tag: "AccessDenied",
      remove: "AccessDenied",
      removeMany: expect.stringContaining("AccessDenied"),
    });
  }
  const [body] = await (await root.getObject(VERSIONED, key, { versionId })).toArray();
  expect(String(body)).toBe("former");
});

test("restore adds up with what other policies of the same identity grant: a former state is brought back", async () => {
  const { key, versionId } = await versionedBucket();
  const { client } = await holderOf("bringing-back", onVersioned("read_write"), onVersioned("restore"));
  await copied(client, { key, versionId }, key);
  const [body] = await (await client.getObject(VERSIONED, key)).toArray();
  expect(String(body)).toBe("former");
  expect(await attempt(client.removeObject(VERSIONED, key, { versionId }))).toBe("AccessDenied");
});

test("a role on a prefix finds its bucket and no other, and lists no uploads, which MinIO can't limit to a prefix", async () => {
  await versionedBucket();
  for (const role of ["read", "write", "delete"] as const) {
    const { client } = await holderOf(`finding-${role}`, onVersioned(role, "in/"));
    const found = [client.bucketExists(VERSIONED), client.bucketExists("mlflow-artifacts")].map(attempt);
    expect([role, ...(await Promise.all(found))]).toEqual([role, "yes", "AccessDenied"]);
    expect(await attempt(client.listIncompleteUploads(VERSIONED, "in/a", true).toArray())).toBe("AccessDenied");
  }
});

test("mc puts, gets, mirrors and removes in a versioned bucket with a key that reaches no former version", async () => {
  const { key, versionId } = await versionedBucket();
  const { secret } = await holderOf("with-mc", onVersioned("read_write"));
  const own = new Mc({ endpoint: server.endpoint, user: "with-mc", password: secret });
  const [file, copy] = [join(dir, "mc-file"), join(dir, "mc-copy")];
  writeFileSync(file, "put by mc");
  try {
    await own.run("cp", file, `t/${VERSIONED}/mc/file`);
    await own.run("get", `t/${VERSIONED}/mc/file`, copy);
    expect(readFileSync(copy, "utf8")).toBe("put by mc");
    await own.run("mirror", `t/${VERSIONED}/mc/`, join(dir, "mc-mirror"));
    expect(readFileSync(join(dir, "mc-mirror", "file"), "utf8")).toBe("put by mc");
    await own.run("rm", `t/${VERSIONED}/mc/file`);
    await expect(own.run("rm", "--version-id", versionId, `t/${VERSIONED}/${key}`)).rejects.toThrow();
    await expect(own.run("cat", "--version-id", versionId, `t/${VERSIONED}/${key}`)).rejects.toThrow();
  } finally {
    own.remove();
  }
});
