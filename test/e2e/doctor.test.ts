import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Finding } from "../../cli/doctor/finding.ts";
import { LocalProject } from "../support/local-project.ts";
import type { TestServer } from "../support/minio.ts";
import { OpenServer } from "../support/open-server.ts";
import { plainShell } from "../support/project-copy.ts";
import { tool } from "../support/toolchain.ts";

const ACCESS = `access:
  policies:
    orders: {grants: [{role: write, bucket: orders}]}
  users: {clerk: {policies: [orders]}}
`;
const SHOW = ["key", "show", "clerk", "--json", "--stdout"];
let project: LocalProject;
let folder: string;
beforeAll(async () => {
  project = await LocalProject.make();
  folder = mkdtempSync(join(tmpdir(), "for support "));
  project.declare(project.good + ACCESS);
  expect(project.bucketworks("up")).toMatchObject({ code: 0 });
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await project?.remove();
});

/** In the shell of somebody who has set nothing but these. */
const doctor = (env: NodeJS.ProcessEnv, ...args: string[]) =>
  project.run({ PULUMI_BACKEND_URL: "", MINIO_ENDPOINT: "", ...env }, "doctor", ...args);
const report = (env: NodeJS.ProcessEnv = {}, ...args: string[]) => {
  const { code, out } = doctor(env, "--json", ...args);
  const { schemaVersion, findings } = JSON.parse(out) as { schemaVersion: number; findings: Finding[] };
  expect(schemaVersion).toBe(1);
  const of = (check: string) => findings.filter((each) => each.check === check);
  return { code, findings, of, wrong: findings.filter(({ state }) => state === "wrong").map(({ check }) => check) };
};
/** The local server, under credentials or an address that a shell names. */
const server = (over: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
  const { endpoint, rootUser, rootPassword } = project.checkout.minio;
  const files = { MINIO_ROOT_USER_FILE: rootUser, MINIO_ROOT_PASSWORD_FILE: rootPassword };
  return { MINIO_ENDPOINT: readFileSync(endpoint, "utf8").trim(), ...files, ...over };
};
const as = (user: string, password: string) => server({ MINIO_ROOT_USER: user, MINIO_ROOT_PASSWORD: password });

describe("doctor finds", () => {
  test("nothing wrong where nothing is, with the key of each identity and a bucket's policy and people", () => {
    const { code, findings, of, wrong } = report({}, "--identities", "--bucket", "orders");
    expect([code, wrong], JSON.stringify(findings)).toEqual([0, []]);
    expect(of("credentials")[0]?.seen).toContain("lists 3 buckets");
    expect(of("identities")[0]?.seen).toMatch(/1 identity tried with their own keys/);
    expect(of("bucket").map(({ seen }) => seen)).toEqual([
      expect.stringContaining("orders has no policy of its own"),
      expect.stringMatching(/^clerk may in orders: .*s3:PutObject/),
    ]);
    expect(doctor({}, "--quiet")).toEqual({ code: 0, out: "" });
  });

  test("a wrong password, and asks the server nothing more", () => {
    const { code, of, wrong } = report(as("nobody-we-know", "a-wrong-password"));
    expect([code, wrong]).toEqual([1, ["credentials"]]);
    expect(of("credentials")[0]).toMatchObject({
      seen: "the server refuses the credentials (InvalidAccessKeyId)",
      cure: "put right what MINIO_ROOT_USER and MINIO_ROOT_PASSWORD have",
      runbook: "docs/runbook.md#authentication-failed",
    });
    expect(of("forged")[0]).toMatchObject({ state: "skipped", seen: "because credentials isn't right" });
  });

  test("the console's port in place of the API's", () => {
    const console = readFileSync(project.checkout.minio.console, "utf8").trim();
    const { code, of, wrong } = report(server({ MINIO_ENDPOINT: console }));
    expect([code, wrong]).toEqual([1, ["api"]]);
    expect(of("api")[0]?.cure).toBe("set the endpoint of MINIO_ENDPOINT to the S3 port (9000)");
  });

  test("that a user lacks rights of a deployer, by their names, and that the state has other credentials", () => {
    project.mc("admin", "user", "add", "dev", "reader", "reader-of-all");
    project.mc("admin", "policy", "attach", "dev", "readonly", "--user", "reader");
    const { code, of, wrong } = report(as("reader", "reader-of-all"));
    expect(code).toBe(1);
    expect(wrong).toEqual(expect.arrayContaining(["rights", "state-credentials"]));
    expect(of("rights")[0]?.seen).toMatch(/lack rights of a deployer: .*admin:CreateUser.*s3:CreateBucket/);
    expect(of("state-credentials")[0]?.seen).toContain("the state has another user and password");
    expect(of("version")[0]).toMatchObject({ state: "note", seen: expect.stringContaining("admin:ServerInfo") });
  });

  test("a server that carries out forged requests", async () => {
    const { MINIO_ENDPOINT: endpoint = "" } = server();
    const [user, password] = [project.checkout.minio.rootUser, project.checkout.minio.rootPassword].map((file) =>
      readFileSync(file, "utf8").trim(),
    );
    const behind = { endpoint, user, password, url: `http://${endpoint}` } as unknown as TestServer;
    const open = await OpenServer.before(behind);
    open.openness = { writers: [user ?? "", "clerk"] };
    try {
      const { code, of } = await inChild(server({ MINIO_ENDPOINT: open.endpoint }));
      expect(code).toBe(1);
      expect(of("forged").filter(({ state }) => state === "wrong")[0]?.seen).toContain("CVE-2026-4");
      expect(of("forged")[0]?.cure).toContain("docs/servers.md");
    } finally {
      open.stop();
    }
  });

  test("a bucket that somebody removed", () => {
    project.mc("rb", "dev/scratch");
    const { code, of, wrong } = report();
    expect([code, wrong]).toEqual([1, ["buckets"]]);
    expect(of("buckets")[0]).toMatchObject({ seen: "1 declared bucket not on the server: scratch" });
    project.mc("mb", "dev/scratch");
  });

  test("the lock of a dead process and what it left half done, and a damaged state", () => {
    const state = join(project.checkout.state, ".pulumi", "stacks", "bucketworks", "dev.json");
    const lock = join(project.checkout.state, ".pulumi", "locks", "organization", "bucketworks", "dev", "l.json");
    const before = readFileSync(state, "utf8");
    try {
      mkdirSync(dirname(lock), { recursive: true });
      const dead = { pid: 4_000_000, username: "u", hostname: hostname(), timestamp: new Date().toISOString() };
      writeFileSync(lock, JSON.stringify(dead));
      const whole = JSON.parse(before);
      const { urn, type } = whole.checkpoint.latest.resources.at(-1);
      whole.checkpoint.latest.pending_operations = [{ type: "creating", resource: { urn, type } }];
      writeFileSync(state, JSON.stringify(whole));
      const killed = report();
      expect([killed.code, killed.of("lock")[0]?.cure]).toEqual([1, "bucketworks recover"]);
      expect(killed.of("pending")[0]).toMatchObject({ state: "wrong", cure: "bucketworks recover, then pulumi up" });
      rmSync(lock);
      writeFileSync(state, before.slice(0, 2000));
      const damaged = report();
      expect(damaged.of("state")[0]).toMatchObject({
        state: "wrong",
        seen: expect.stringContaining("cut off or garbled"),
      });
      expect(damaged.of("pending")[0]?.state).toBe("skipped");
    } finally {
      rmSync(lock, { force: true });
      writeFileSync(state, before);
    }
  });
});

describe("doctor --identities finds", () => {
  test("a key that the server refuses, by whose it is, and how to give a new one (M-066)", () => {
    const key = () => {
      const { out } = project.run({ PULUMI_BACKEND_URL: "", MINIO_ENDPOINT: "" }, ...SHOW);
      return JSON.parse(out) as { accessKey: string; secretKey: string };
    };
    const { secretKey } = key();
    project.mc("admin", "user", "add", "dev", "clerk", "set-by-hand-on-the-server");
    try {
      const { code, of, wrong } = report({}, "--identities");
      expect([code, wrong]).toEqual([1, ["identities"]]);
      expect(of("identities")).toEqual([
        expect.objectContaining({
          seen: expect.stringMatching(/^clerk: can't use its key: .*SignatureDoesNotMatch/),
          cure: expect.stringContaining("bucketworks key rotate IDENTITY"),
          runbook: expect.stringContaining("docs/runbook.md#"),
        }),
      ]);
      expect(JSON.stringify(of("identities"))).not.toContain(secretKey);
    } finally {
      project.mc("admin", "user", "add", "dev", "clerk", secretKey);
    }
    expect(report({}, "--identities").code).toBe(0);
  });
});

describe("doctor --bundle", () => {
  const read = (file: string) =>
    Object.fromEntries(Object.entries(unzipSync(readFileSync(file))).map(([name, bytes]) => [name, strFromU8(bytes)]));

  test("holds what helps, in a file of its owner, and not one secret, wherever it was", () => {
    const { checkout } = project;
    const inFile = (path: string, text: string) => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { mode: 0o600 });
    };
    const canary = (name: string) => `Canary-${name}-7Zq`;
    inFile(join(checkout.postgres.roles, "app.env"), `PGUSER=app\nPGPASSWORD=${canary("database")}\n`);
    inFile(join(checkout.keys, "clerk.json"), JSON.stringify({ secretKey: canary("handed-over") }));
    inFile(
      join(checkout.services, "alertmanager", "alertmanager.yml"),
      `url: https://chat.example/${canary("webhook")}\n`,
    );
    inFile(join(checkout.compose, "secrets", "root"), canary("compose"));
    const setting = `. ./toolchain/env.sh && pulumi config set --secret other:token ${canary("setting")} --stack dev`;
    expect(spawnSync("sh", ["-c", setting], { cwd: checkout.root, env: plainShell() }).status).toBe(0);
    const shown = JSON.parse(
      project.run({ PULUMI_BACKEND_URL: "", MINIO_ENDPOINT: "" }, "key", "show", "clerk", "--json", "--stdout").out,
    );
    const env = {
      http_proxy: `http://me:${canary("proxy")}@127.0.0.1:1`,
      AWS_SECRET_ACCESS_KEY: canary("aws"),
      BUCKETWORKS_HOOK: `https://example.com/hook?token=${canary("token")}&a=b`,
      MLFLOW_TRACKING_PASSWORD: canary("mlflow"),
      PULUMI_CONFIG_PASSPHRASE: readFileSync(checkout.passphrase, "utf8").trim(),
    };
    const secrets = [
      ...["database", "handed-over", "webhook", "compose", "proxy", "aws", "token", "mlflow", "setting"].map(canary),
      ...[checkout.minio.rootPassword, checkout.minio.kmsKey, checkout.passphrase].map((path) =>
        readFileSync(path, "utf8").trim(),
      ),
      String(shown.secretKey),
    ];
    expect(
      secrets.every((secret) => secret.length >= 12),
      JSON.stringify(shown),
    ).toBe(true);
    const quoted = secrets.map((secret) => JSON.stringify({ message: `said "${secret}"` }));
    const lines = [...secrets, ...quoted, ...secrets.map((secret) => `https://u:${encodeURIComponent(secret)}@h/`)];
    const pem = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----";
    appendFileSync(
      checkout.minio.log,
      ["harmless line", ...lines, pem, "password=Form-of-a-secret", "last line", ""].join("\n"),
    );
    inFile(join(checkout.services, "x", "x.log"), `${lines.join("\n")}\n`);

    const file = join(folder, "bundle.zip");
    const { code, out } = doctor(env, "--bundle", file);
    expect([code, out.includes(`bundle: ${file}`)], out).toEqual([0, true]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const entries = read(file);
    for (const secret of [...secrets, "MIGHAgEAMBMGByqGSM49", "Form-of-a-secret"]) {
      const holds = Object.entries(entries).filter(([name, said]) => name.includes(secret) || said.includes(secret));
      expect([secret.slice(0, 16), holds.map(([name]) => name)]).toEqual([secret.slice(0, 16), []]);
    }
    expect(Object.keys(entries)).toEqual(
      expect.arrayContaining(["findings.json", "versions.json", "settings.yaml", "state-shape.json", "README.txt"]),
    );
    expect(entries["logs/minio/minio.log"]).toMatch(/harmless line[\s\S]*\*\*\*[\s\S]*last line/);
    expect(entries["state-shape.json"]).toContain("bucketworks:index:Bucket::orders");
    expect(entries["state-shape.json"]).not.toMatch(/ciphertext|v1:|rootPassword/);
    expect(out).not.toContain(canary("proxy"));

    const again = doctor(env, "--bundle", file);
    expect([again.code, again.out]).toEqual([2, expect.stringContaining("is there already, and isn't overwritten")]);
  });

  test("into a folder that takes no file ends with a sentence, after the findings", () => {
    const { code, out } = doctor({}, "--bundle", "/sys/for-support.zip");
    expect(code).toBe(3);
    expect(out).toMatch(/doctor: \d+ right, 0 wrong/);
    expect(out).toMatch(/--bundle \/sys\/for-support\.zip: .*\n$/);
    expect(out).not.toMatch(/^ +at /m);
  });
});

test("requests are seen as they come by mc admin trace, as the runbook has it", async () => {
  const mc = spawn(tool("mc"), ["admin", "trace", "--all", "dev"], {
    env: { ...process.env, MC_CONFIG_DIR: project.checkout.mc.folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let seen = "";
  mc.stdout.on("data", (data) => (seen += data));
  const asking = setInterval(() => project.mc("stat", "dev/invoices"), 200);
  try {
    await vi.waitFor(() => expect(seen).toContain("/invoices"), { timeout: 60_000 });
  } finally {
    clearInterval(asking);
    mc.kill();
  }
});

test("with the server down doctor says so and how to start it, and still looks at the state", () => {
  expect(project.bucketworks("down")).toMatchObject({ code: 0 });
  const { code, of, wrong } = report();
  expect([code, wrong]).toEqual([1, ["port"]]);
  expect(of("port")[0]?.cure).toMatch(/make up/);
  expect(of("state")[0]).toMatchObject({ state: "right" });
});

/** As `report`, beside this process: the server that it asks is one of ours. */
async function inChild(env: NodeJS.ProcessEnv): Promise<ReturnType<typeof report>> {
  const child = spawn(join(project.checkout.root, "bin", "bucketworks"), ["doctor", "--json"], {
    cwd: project.checkout.root,
    env: { ...plainShell(), PULUMI_BACKEND_URL: "", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [out, code] = await Promise.all([
    text(child.stdout),
    new Promise<number | null>((end) => child.once("exit", end)),
  ]);
  const { findings } = JSON.parse(out) as { findings: Finding[] };
  const of = (check: string) => findings.filter((each) => each.check === check);
  return { code, findings, of, wrong: findings.filter(({ state }) => state === "wrong").map(({ check }) => check) };
}
