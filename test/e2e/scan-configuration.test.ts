import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { LiveClient } from "../../live/client.ts";
import { scanServer } from "../../scan/scan.ts";
import { Hook } from "../support/hook.ts";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { makePolicy } from "../support/scanned.ts";
import { CANARY, names, SCANNER, ScannedServer, unread } from "../support/scanned-server.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { addressOf } from "../support/verified.ts";

let scanned: ScannedServer;

beforeAll(async () => {
  scanned = await ScannedServer.start();
});

afterAll(() => scanned.stop());

describe("the server's own configuration", () => {
  const SECRET = `${CANARY}-of-a-plugin`;
  let hook: Hook;

  beforeAll(async () => {
    hook = await Hook.start();
  });
  afterAll(() => hook.stop());

  const set = (...args: string[]) => scanned.mc.run("admin", "config", "set", "t", ...args);
  const restart = async () => {
    await scanned.server.pause();
    await scanned.server.resume();
  };

  test("is MinIO's default on a new server: no finding; the scanner's policy doesn't read it, and that is said", async () => {
    const asRoot = await scanned.scan();
    expect([names(asRoot), asRoot.looked.configuration]).toEqual([[], true]);
    const asScanner = await scanned.scan(SCANNER);
    expect([names(asScanner), unread(asScanner), asScanner.looked.configuration]).toEqual([[], [], false]);
    const env = { MINIO_ROOT_USER: SCANNER.accessKey, MINIO_ROOT_PASSWORD: SCANNER.secretKey };
    const { code, stdout } = await scanned.run([], env);
    expect([code, stdout.split("\n").at(-2)]).toEqual([
      0,
      expect.stringMatching(/as the specs say, server configuration not looked at \(docs\/drift.md\) \(stage dev, /),
    ]);
    const asked = await scanned.run(["--server-config"], env);
    expect(asked.code).toBe(3);
    expect(asked.stdout).toMatch(
      /^could not look at server configuration: the credentials may not .*admin:ConfigUpdate/,
    );
    expect((await scanned.run(["--server-config"])).code).toBe(0);
  });

  test("with admin:ConfigUpdate it is read, and could be written: why the scanner's policy leaves the right out", async () => {
    const right = { Effect: "Allow", Action: ["admin:ConfigUpdate"] };
    await makePolicy(scanned.mc, "configurer", { Version: "2012-10-17", Statement: [right] });
    await scanned.mc.run("admin", "policy", "attach", "t", "configurer", "--user", SCANNER.accessKey);
    const report = await scanned.scan(SCANNER);
    expect(report.looked.configuration).toBe(true);
    const { accessKey: user, secretKey: password } = SCANNER;
    const own = new Mc({ endpoint: scanned.server.endpoint, user, password });
    await own.run("admin", "config", "set", "t", "scanner", "speed=default");
    own.remove();
    await scanned.mc.run("admin", "policy", "detach", "t", "configurer", "--user", SCANNER.accessKey);
    await scanned.mc.run("admin", "policy", "rm", "t", "configurer");
  });

  test("of a kind that changes who may what, or where anything goes: each is found, none of its secrets is told", async () => {
    await set("api", "cors_allow_origin=https://app.example");
    await set("audit_webhook:siem", `endpoint=http://u:${SECRET}@${hook.address}/audit`, `auth_token=${SECRET}`);
    await set("logger_webhook:logs", `endpoint=${hook.url}/logs`);
    await set("notify_webhook:shop", `endpoint=${hook.url}/events`, `auth_token=${SECRET}`);
    const openid = [`config_url=${hook.url}/openid`, "client_id=me", `client_secret=${SECRET}`];
    await set("identity_openid", ...openid, "role_policy=consoleAdmin");
    await set("identity_plugin", `url=${hook.url}/identities`, "role_policy=readwrite", "role_id=plugged");
    await set("policy_plugin", `url=${hook.url}/policies?key=${SECRET}`, `auth_token=${SECRET}`);
    await restart();
    const report = await scanned.scan();
    expect(
      report.findings.map(({ severity, kind, subject, path }) => [severity, kind, subject.name, path].join(" ")),
    ).toEqual([
      "critical unmanaged policy_plugin ",
      "high unmanaged audit_webhook:siem ",
      "high unmanaged identity_openid ",
      "high unmanaged identity_plugin ",
      "high unmanaged logger_webhook:logs ",
      "medium changed api cors_allow_origin",
      "medium unmanaged notify_webhook:shop ",
    ]);
    expect(report.findings.every(({ subject }) => subject.kind === "server configuration")).toBe(true);
    // by grace of the plugin itself, which lets the scanner do all
    expect(names(await scanned.scan(SCANNER))).toContain("unmanaged server configuration policy_plugin");
    for (const format of ["text", "json", "sarif", "markdown"]) {
      const { code, stdout, stderr } = await scanned.run(["--format", format]);
      expect([format, code, stdout.includes("policy_plugin")]).toEqual([format, 1, true]);
      expect(stdout + stderr).not.toContain(CANARY);
    }
    const declared = {
      api: { cors_allow_origin: "https://app.example" },
      "audit_webhook:siem": { endpoint: `http://${hook.address}/audit` },
      "logger_webhook:logs": { endpoint: `${hook.url}/logs` },
      "notify_webhook:shop": { endpoint: `${hook.url}/events` },
      identity_openid: { config_url: `${hook.url}/openid`, client_id: "me", role_policy: "consoleAdmin" },
      identity_plugin: { url: `${hook.url}/identities`, role_policy: "readwrite", role_id: "plugged" },
      policy_plugin: { url: `${hook.url}/policies` },
    };
    expect(names(await scanned.scan({}, { configuration: declared }))).toEqual([]);
  });

  test("the fixes that are printed take all of it away again", async () => {
    for (const { message } of (await scanned.scan()).findings) {
      const [, command = ""] = /mc admin config ([^,]+),/.exec(message) ?? [];
      const words = command.replaceAll("'", "").replace("ALIAS", "t").split(" ");
      await scanned.mc.run("admin", "config", ...words);
    }
    await restart();
    expect(names(await scanned.scan())).toEqual([]);
  });

  test("that only the environment decides is found, with the variables to take away", async () => {
    const server = await TestServer.start({
      MINIO_API_ROOT_ACCESS: "on",
      MINIO_API_CORS_ALLOW_ORIGIN: "https://env.example",
      MINIO_AUDIT_WEBHOOK_ENABLE_env: "on",
      MINIO_AUDIT_WEBHOOK_ENDPOINT_env: `${hook.url}/audit`,
      MINIO_AUDIT_WEBHOOK_AUTH_TOKEN_env: SECRET,
      MINIO_POLICY_PLUGIN_URL: `${hook.url}/policies`,
      MINIO_POLICY_PLUGIN_AUTH_TOKEN: SECRET,
      MINIO_POLICY_OPA_URL: `${hook.url}/old?key=${SECRET}`,
    });
    onTestFinished(() => server.stop());
    const report = await scanServer({ ...scanned.spec.model(), platforms: [] }, addressOf(server), {});
    expect(names(report)).toEqual([
      "unmanaged server configuration policy_opa",
      "unmanaged server configuration policy_plugin",
      "unmanaged server configuration audit_webhook:env",
      "changed server configuration api cors_allow_origin",
    ]);
    expect(report.findings[1]?.message).toMatch(/take away MINIO_POLICY_PLUGIN_URL\b.* and start it again/);
    expect(report.findings[3]?.message).toMatch(/set 'MINIO_API_CORS_ALLOW_ORIGIN=\*' and start it again/);
    expect(JSON.stringify(report)).not.toContain(CANARY);
  });
});

describe("where data go beyond the specs:", () => {
  test("limits of a bucket that hold clients up are found beside its quota", async () => {
    const client = new LiveClient(addressOf(scanned.server));
    const put = (quota: object) =>
      client.send({
        ...{ method: "PUT", bucketName: "minio", objectName: "admin/v3/set-bucket-quota" },
        query: { bucket: "raw-data" },
        payload: JSON.stringify({ size: 2 ** 30, quotatype: "hard", ...quota }),
      });
    await put({ rate: 5000, requests: 10 });
    for (const who of [{}, SCANNER]) {
      expect(names(await scanned.scan(who))).toEqual([
        "changed bucket raw-data quota.rate",
        "changed bucket raw-data quota.requests",
      ]);
    }
    await put({});
    client.close();
    expect(names(await scanned.scan())).toEqual([]);
  });

  test("a batch job that deletes objects is found, by the scanner too", async () => {
    const file = join(temporaryFolder(), "job.yaml");
    const rules = "rules: [{type: object, olderThan: 7h, purge: {retainVersions: 0}}]";
    writeFileSync(file, `expire: {apiVersion: v1, bucket: raw-data, prefix: none/, ${rules}}\n`);
    await scanned.mc.run("batch", "start", "t", file);
    for (const who of [{}, SCANNER]) {
      const { findings } = await scanned.scan(who);
      expect(findings.map(({ subject, message }) => `${subject.kind}: ${message}`)).toEqual([
        expect.stringMatching(/^batch job: a batch job that deletes objects, started by test-/),
      ]);
    }
  });

  test("sites that share everything with each other are found", async () => {
    const [one, two] = [await TestServer.start(), await TestServer.start()];
    const mc = new Mc(one);
    onTestFinished(async () => {
      mc.remove();
      await Promise.all([one.stop(), two.stop()]);
    });
    await mc.run("alias", "set", "u", two.url, two.user, two.password);
    await mc.run("admin", "replicate", "add", "t", "u");
    const report = await scanServer({ ...scanned.spec.model(), platforms: [] }, addressOf(one), {});
    const sites = report.findings.filter(({ subject }) => subject.kind === "site replication");
    expect(sites.map(({ actual }) => actual).sort()).toEqual([one.url, two.url].sort());
  });
});
