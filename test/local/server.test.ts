import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandLineOf, markOf } from "../../cli/ending/processes.ts";
import { isLive, liveBuckets } from "../../cli/local/minio/health.ts";
import { type MinioPorts, minio } from "../../cli/local/minio/service.ts";
import { runningPorts, type Started, stopService } from "../../cli/local/service/start.ts";
import { LocalCheckout } from "../support/local-checkout.ts";
import { freePort } from "../support/minio.ts";

describe("the first start", () => {
  let local: LocalCheckout;
  let started: Started<keyof MinioPorts>;
  // what the user who runs the command has in the environment must not reach the server
  const strange = {
    MINIO_ROOT_USER: "minioadmin",
    MINIO_ROOT_PASSWORD: "minioadmin",
    MINIO_API_ROOT_ACCESS: "off",
    MINIO_KMS_SECRET_KEY: `other-key:${Buffer.alloc(32).toString("base64")}`,
    MINIO_PROMETHEUS_AUTH_TYPE: "public",
  };

  beforeAll(async () => {
    local = await LocalCheckout.make();
    Object.assign(process.env, strange);
    started = await local.start();
  });
  afterAll(async () => {
    for (const name of Object.keys(strange)) delete process.env[name];
    await local.remove();
  });

  test("makes credentials of its own in files for their owner alone, and says which", () => {
    const { minio, passphrase, home } = local.checkout;
    for (const file of [
      minio.rootUser,
      minio.rootPassword,
      minio.kmsKey,
      passphrase,
      minio.log,
      local.checkout.mc.config,
    ]) {
      expect.soft(statSync(file).mode & 0o777, file).toBe(0o600);
    }
    for (const folder of [home, minio.folder, minio.data])
      expect.soft(statSync(folder).mode & 0o777, folder).toBe(0o700);
    expect(local.text(minio.rootUser)).toMatch(/^bucketworks-[0-9a-f]{8}$/);
    expect(local.text(minio.rootPassword)).toMatch(/^[A-Za-z0-9]{40}$/);
    expect(started.how).toBe("started");
    expect(started.notes).toHaveLength(4);
  });

  test("serves on loopback with these credentials and no others (U-046, M-009)", async () => {
    const { minio } = local.checkout;
    expect(local.text(minio.endpoint)).toBe(`127.0.0.1:${local.port}`);
    expect(await liveBuckets(local.checkout, local.port)).toEqual(new Map());
    const credentials = [minio.rootUser, minio.rootPassword].map((file) => local.text(file));
    local.mc("alias", "set", "strange", `http://127.0.0.1:${local.port}`, ...credentials);
    expect(() =>
      local.mc("alias", "set", "default", `http://127.0.0.1:${local.port}`, "minioadmin", "minioadmin"),
    ).toThrow(/does not exist|Access Key/);
  });

  test("M-040: the console lists and makes buckets and browses objects, with the login of the server", async () => {
    const { minio: files } = local.checkout;
    const console = `http://127.0.0.1:${started.ports.console}/api/v1`;
    const json = { "content-type": "application/json" };
    const login = (secretKey: string) =>
      fetch(`${console}/login`, {
        method: "POST",
        headers: json,
        body: JSON.stringify({ accessKey: local.text(files.rootUser), secretKey }),
      });
    expect((await login("another-password")).status).toBe(401);
    const cookie = (await login(local.text(files.rootPassword))).headers.get("set-cookie")?.split(";")[0] ?? "";
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(`${console}/${path}`, { ...init, headers: { ...init.headers, cookie } });
    const name = "by-the-console";
    try {
      const made = await ask("buckets", { method: "POST", headers: json, body: JSON.stringify({ name }) });
      expect(made.status).toBe(200);
      expect(await (await ask("buckets")).json()).toMatchObject({ buckets: [{ name }] });
      const form = new FormData();
      // The field's name is the size, as its page has it.
      form.append("6", new Blob(["a note"]), "note.txt");
      const sent = await ask(`buckets/${name}/objects/upload?prefix=note.txt`, { method: "POST", body: form });
      expect(sent.status).toBe(200);
      expect(await (await ask(`buckets/${name}/objects`)).json()).toMatchObject({ objects: [{ name: "note.txt" }] });
      const got = await ask(`buckets/${name}/objects/download?prefix=note.txt`);
      expect(await got.text()).toBe("a note");
    } finally {
      local.mc("rb", "--force", `dev/${name}`);
    }
  });

  test("shows no secret in arguments or log", () => {
    const { minio } = local.checkout;
    const secrets = [minio.rootPassword, minio.kmsKey].map((file) => local.text(file));
    const seen = [local.pids.server, local.pids.supervisor].map((pid) => commandLineOf(pid) ?? "").join("\n");
    expect(seen).toContain(minio.data);
    for (const secret of secrets) expect(seen + readFileSync(minio.log, "utf8")).not.toContain(secret);
  });

  test("gives metrics to those with a token only", async () => {
    const url = `http://127.0.0.1:${local.port}/minio/v2/metrics/cluster`;
    expect((await fetch(url)).status).toBe(403);
    const token = /bearer_token: (\S+)/.exec(local.mc("admin", "prometheus", "generate", "dev"))?.[1];
    const answer = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("minio_cluster_");
  });

  test("has a KMS with its one key (M-017, M-043)", () => {
    local.mc("mb", "dev/sealed");
    local.mc("encrypt", "set", "sse-kms", "bucketworks-dev", "dev/sealed");
    expect(() => local.mc("encrypt", "set", "sse-kms", "other-key", "dev/sealed")).toThrow();
    local.mc("cp", local.checkout.minio.endpoint, "dev/sealed/object");
    expect(local.mc("stat", "--json", "dev/sealed/object")).toContain("bucketworks-dev");
  });

  test("a second start uses what is there and writes nothing", async () => {
    const files = [...Object.values(local.checkout.minio), local.checkout.mc.config].filter(
      (path) => existsSync(path) && statSync(path).isFile(),
    );
    const before = files.map((path) => [path, statSync(path).mtimeMs, readFileSync(path, "utf8")]);
    const { pids } = local;
    expect(await local.start({})).toMatchObject({ how: "reused", notes: [], ports: { api: local.port } });
    expect(local.pids).toEqual(pids);
    expect(files.map((path) => [path, statSync(path).mtimeMs, readFileSync(path, "utf8")])).toEqual(before);
  });

  test("other ports restart it there, as /minio/health/live says, and are remembered (U-087, M-046)", async () => {
    const old = local.port;
    const { pids } = local;
    local.env.BUCKETWORKS_PORT = String(await freePort());
    expect((await local.start()).how).toBe("restarted");
    expect(await isLive(old)).toBe(false);
    expect(local.pids.server).not.toBe(pids.server);
    expect(await runningPorts(minio(local.checkout))).toEqual((await local.start({})).ports);
    expect(local.mc("ls", "dev")).toContain("sealed");
  });

  test("S3 API and console can change places", async () => {
    const { BUCKETWORKS_PORT = "", BUCKETWORKS_CONSOLE_PORT = "" } = local.env;
    Object.assign(local.env, {
      BUCKETWORKS_PORT: BUCKETWORKS_CONSOLE_PORT,
      BUCKETWORKS_CONSOLE_PORT: BUCKETWORKS_PORT,
    });
    expect((await local.start()).how).toBe("restarted");
    expect(local.mc("ls", "dev")).toContain("sealed");
  });

  test("stop leaves no process and keeps the data", async () => {
    const { pids } = local;
    expect(await stopService(minio(local.checkout))).toBe(true);
    expect([markOf(pids.server), markOf(pids.supervisor)]).toEqual([undefined, undefined]);
    expect(existsSync(local.checkout.minio.run)).toBe(false);
    expect(readdirSync(local.checkout.minio.data)).toContain("sealed");
    expect(await stopService(minio(local.checkout))).toBe(false);
    await local.start();
    expect(local.mc("ls", "dev")).toContain("sealed");
  });
});
