import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { minio } from "../../cli/local/minio/service.ts";
import { startMinio } from "../../cli/local/minio/start.ts";
import { stopService } from "../../cli/local/service/start.ts";
import { LocalProject, type Ran } from "../support/local-project.ts";
import { contentsOf, sendInParts } from "../support/objects.ts";
import { OFFSITE, OffsiteServer } from "../support/offsite-server.ts";
import { plainShell } from "../support/project-copy.ts";

const ACCESS = `access:
  policies: {reader: {grants: [{role: read_write, bucket: orders}]}}
  users: {shop-clerk: {policies: [reader]}}
  service_accounts: {shop-till: {user: shop-clerk, policies: [reader]}}
`;

/** Kept on a second server, where the first can't take it along. */
const BACKUP = `backup:
  to: offsite
  bucket: ${OFFSITE}
  prefix: shop/
  schedule: "17 2 * * *"
  keep: 1
  buckets: [{name: orders}, {name: invoices}]
`;
const DAY_MS = 86_400_000;

let project: LocalProject;
let offsite: OffsiteServer;
let folder: string;
let archive: string;
let keyFile: string;
let passphraseFile: string;
let recipient: string;
let loggedIn: string;
/** What was in the buckets, by their names, and when the server was lost. */
let before: Record<string, Record<string, unknown>>;
let lost: number;

beforeAll(async () => {
  [project, offsite] = await Promise.all([LocalProject.make(), OffsiteServer.start(1)]);
  project.declare(project.good + ACCESS + BACKUP);
  folder = mkdtempSync(join(tmpdir(), "bucketworks-rebuild-"));
  archive = join(folder, "server.age");
  keyFile = join(folder, "key.txt");
  passphraseFile = join(folder, "passphrase");
  const identity = await generateX25519Identity();
  recipient = await identityToRecipient(identity);
  writeFileSync(keyFile, `# public key: ${recipient}\n${identity}\n`);
  writeFileSync(passphraseFile, "correct horse battery staple\n");
  offsite.declareIn(project.checkout.root);
  must("up");
  loggedIn = key();
});

afterAll(async () => {
  await Promise.all([project?.remove(), offsite?.remove()]);
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** With the checkout's own server and state. */
function run(...args: string[]): Ran {
  return project.run({ MINIO_ENDPOINT: "", PULUMI_BACKEND_URL: "" }, ...args);
}

function must(...args: string[]): string {
  const { code, out } = run(...args);
  expect(code, out).toBe(0);
  return out;
}

/** The key that programs have, as the stack's state says it. */
function key(): string {
  const script = ". ./toolchain/env.sh && bin/bucketworks key show shop-till --stdout --quiet";
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script], {
    cwd: project.checkout.root,
    env: plainShell(),
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  return stdout;
}

/** The server without its disks: it starts as on its first day. */
async function loseServer(): Promise<void> {
  lost = Date.now();
  await stopService(minio(project.checkout));
  rmSync(project.checkout.minio.data, { recursive: true });
  await startMinio(project.checkout, { ...process.env, ...project.ports });
}

const rebuild = (...args: string[]): Ran => run("rebuild", archive, ...args);

describe("a server that is there is exported", () => {
  test("into a file for its owner's eyes alone, in which no name and no key can be read", () => {
    const out = must("export", "--out", archive, "--recipient", recipient);
    expect(out).toMatch(
      /server\.age: 3 buckets, 2 users, 0 groups, 2 policies, 2 service accounts of http:\S+, encrypted, \d+ bytes/,
    );
    expect(statSync(archive).mode & 0o777).toBe(0o600);
    const bytes = readFileSync(archive);
    expect(bytes.subarray(0, 21).toString()).toBe("age-encryption.org/v1");
    for (const secret of ["shop-till", "orders", "iam-assets"]) expect(bytes.includes(secret)).toBe(false);
  });

  test.each([
    ["nobody who may open it", [], "give --recipient, the public key of who may open it, or --passphrase-file"],
    [
      "a secret key in place of a public one",
      ["--recipient", "AGE-SECRET-KEY-1QQ"],
      "a secret key was given, its public one is meant",
    ],
    [
      "no key of age",
      ["--recipient", "ssh-ed25519 AAAA"],
      '--recipient is a public key of age, age1...; got "ssh-ed25519 AAAA"',
    ],
  ])("with %s nothing is written", (_what, args, said) => {
    const { code, out } = run("export", "--out", join(folder, "not"), ...args);
    expect([code, out]).toEqual([2, expect.stringContaining(said)]);
    expect(() => statSync(join(folder, "not"))).toThrow("ENOENT");
  });

  test("by a passphrase that can be guessed nothing is written", () => {
    writeFileSync(join(folder, "short"), "secret\n");
    const { code, out } = run("export", "--out", join(folder, "not"), "--passphrase-file", join(folder, "short"));
    expect([code, out]).toEqual([2, expect.stringContaining("has 6 characters, 12 are the least")]);
  });

  test("over the network without TLS nothing is asked for or given: every key would be sent in plaintext", () => {
    const env = { MINIO_ACCESS_KEY: "a", MINIO_SECRET_KEY: "b" };
    const server = ["--server", "http://minio.example:9000"];
    for (const args of [
      ["export", "--out", join(folder, "not"), "--passphrase-file", passphraseFile],
      ["rebuild", archive, "--identity-file", keyFile],
    ]) {
      const { code, out } = project.run(env, ...args, ...server);
      expect([code, out]).toEqual([2, expect.stringContaining("would carry every key of the server in plaintext")]);
    }
  });
});

describe("an archive is refused, and nothing is changed,", () => {
  test("where an object is in the way", () => {
    project.mc("pipe", "dev/orders/one");
    const { code, out } = rebuild("--identity-file", keyFile);
    expect([code, out]).toEqual([
      2,
      expect.stringContaining("has objects in bucket orders; an empty server is needed; nothing was changed"),
    ]);
  });

  test("where something is that it doesn't have", () => {
    project.mc("mb", "dev/other");
    const { code, out } = rebuild("--identity-file", keyFile);
    expect([code, out]).toEqual([2, expect.stringContaining("has bucket other, which the archive doesn't have")]);
    project.mc("rb", "dev/other");
  });

  test("by another key, and where it was cut", () => {
    const { code, out } = rebuild("--passphrase-file", passphraseFile);
    expect([code, out]).toEqual([
      2,
      expect.stringMatching(/server\.age can't be opened by the passphrase: .*; nothing was changed/),
    ]);
    const cut = join(folder, "cut.age");
    const bytes = readFileSync(archive);
    writeFileSync(cut, bytes.subarray(0, bytes.length - 1000));
    const second = run("rebuild", cut, "--identity-file", keyFile);
    expect([second.code, second.out]).toEqual([
      2,
      expect.stringContaining("cut.age can't be opened by the keys in --identity-file"),
    ]);
  });
});

describe("a backup on another server", () => {
  /** With root's key on both servers, where no key of the other one is given. */
  function refused(words: RegExp, variables: Record<string, string> = {}): void {
    const { rootUser, rootPassword } = project.checkout.minio;
    const [accessKey, secretKey] = [rootUser, rootPassword].map((file) => readFileSync(file, "utf8").trim());
    const own = { MINIO_ACCESS_KEY: accessKey, MINIO_SECRET_KEY: secretKey };
    const args = ["--server", `http://127.0.0.1:${project.ports.BUCKETWORKS_PORT}`, "--bucket", "orders"];
    const { code, out } = project.run({ ...own, ...offsite.variables(), ...variables }, "backup", "run", ...args);
    expect([code, out]).toEqual([3, expect.stringMatching(words)]);
    expect(out.trim().split("\n")).toHaveLength(1);
  }

  test("whose target can't keep it, or by a key that can't or that may delete, is refused before the first byte, and it is said what to do", async () => {
    const target = `t/${OFFSITE}`;
    refused(
      /nothing was recorded: bucket offsite-backups on http:\S+, where backups go, isn't there; .*mc mb --with-lock/,
    );
    await offsite.mc("mb", target);
    refused(/can't keep backups: it isn't versioned, .*; it has no default retention, .* makes another one: mc mb/);
    await offsite.mc("rb", target);
    await offsite.mc("mb", "--with-lock", target);
    await offsite.mc("retention", "set", "--default", "governance", "2d", target);
    refused(/: it locks by governance, .* compliance is needed; it locks for 2 days, and keep of the spec is 1; /);
    await offsite.mc("retention", "set", "--default", "compliance", "1d", target);
    const { user, password } = offsite.server;
    refused(/the key may delete what is stored, .*give it docs\/backup-target-policy.json/, {
      ...offsite.variables({ accessKey: user, secretKey: password }),
    });
    refused(/refuses the key in BACKUP_TARGET_ACCESS_KEY and \S+ \(SignatureDoesNotMatch\); export the right one/, {
      BACKUP_TARGET_SECRET_KEY: "a-wrong-secret",
    });
    refused(/can't reach MinIO at http:\/\/127.0.0.1:1: .*; is BACKUP_TARGET_URL right\?/, {
      BACKUP_TARGET_URL: "http://127.0.0.1:1",
    });
    expect((await offsite.root.listObjectVersions({ Bucket: OFFSITE })).Versions ?? []).toEqual([]);
  });

  test("is made, listed, read through and drilled by the key that the stack has for it", async () => {
    const s3 = project.s3();
    const Tagging = "kind=order";
    await s3.putObject({
      Bucket: "orders",
      Key: "two",
      Body: "2",
      Metadata: { by: "Ann" },
      ContentType: "a/b",
      Tagging,
    });
    await s3.putObject({ Bucket: "orders", Key: "one", Body: "written over" });
    await s3.putObject({ Bucket: "invoices", Key: "empty", Body: "" });
    await sendInParts(s3, "invoices", "parts");
    before = { orders: await contentsOf(s3, "orders"), invoices: await contentsOf(s3, "invoices") };
    s3.destroy();
    const made = must("backup", "run");
    expect(made).toMatch(/bucket orders: 3 versions, .*; 3 new/);
    expect(must("backup", "run")).toMatch(/bucket orders: 3 versions, .*; 0 new/);
    expect(must("backup", "list").match(/^(orders|invoices) /gm)).toHaveLength(4);
    expect(must("backup", "verify", "--read")).toMatch(
      /bucket orders: 2 manifests, 3 stored objects looked at, 3 read/,
    );
    expect(must("backup", "drill", "--all")).toMatch(/bucket invoices: 2 objects \(.*\) restored, all as backed up/);
    const text = spawnSync("grep", ["-rl", offsite.key.secretKey, project.checkout.root], { encoding: "utf8" });
    expect(text.stdout).toBe("");
  });

  test("can't be taken away by that key, nor locked for longer than a run does", async () => {
    const { Versions = [] } = await offsite.root.listObjectVersions({ Bucket: OFFSITE, Prefix: "shop/objects/" });
    const { Key, VersionId } = Versions[0] ?? {};
    const at = { Bucket: OFFSITE, Key, VersionId };
    await expect(offsite.own.deleteObject(at)).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(offsite.own.deleteObject({ Bucket: OFFSITE, Key })).rejects.toMatchObject({ name: "AccessDenied" });
    const lock = (days: number) => {
      const RetainUntilDate = new Date(Date.now() + days * DAY_MS);
      return offsite.own.putObjectRetention({ ...at, Retention: { Mode: "COMPLIANCE", RetainUntilDate } });
    };
    await lock(2.01);
    await expect(lock(3.1)).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(lock(20_000)).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(lock(0.1)).rejects.toThrow();
  });
});

describe("a server whose disks are lost", () => {
  test("gets identities with their keys and buckets with their settings back; a dry run changes nothing", async () => {
    await loseServer();
    const dry = must("rebuild", archive, "--identity-file", keyFile, "--dry-run");
    expect(dry).toContain("would be taken; nothing was changed");
    expect(project.mc("ls", "dev")).toBe("");
    expect(must("rebuild", archive, "--identity-file", keyFile)).toContain("has it all");
    expect(must("rebuild", archive, "--identity-file", keyFile), "a second time").toContain("has it all");
    expect(must("up")).toMatch(/deployed: nothing to change, \d+ resources/);
    expect(must("verify")).toMatch(/3 buckets, 4 identities \(\d+ tries\): right/);
    expect(key()).toBe(loggedIn);
  });

  test("gets every object back from the backup on the other server, as it was", async () => {
    const s3 = project.s3();
    expect([await contentsOf(s3, "orders"), await contentsOf(s3, "invoices")]).toEqual([{}, {}]);
    expect(must("backup", "verify")).toMatch(/bucket orders: 2 manifests, 3 stored objects looked at/);
    for (const bucket of ["orders", "invoices"])
      expect(must("restore", bucket, "--to", "latest", "--into", bucket)).toContain(`all compared, bucket ${bucket}`);
    expect({ orders: await contentsOf(s3, "orders"), invoices: await contentsOf(s3, "invoices") }).toEqual(before);
    s3.destroy();
    expect(must("backup", "run")).toMatch(/bucket orders: 2 versions, .*; 2 new/);
    process.stdout.write(
      `a lost server was rebuilt, its objects with it, in ${Math.round((Date.now() - lost) / 1000)} s\n`,
    );
  });

  test("is refused once a key is younger than the archive's: it would end", () => {
    project.mc("admin", "user", "add", "dev", "shop-clerk", "a-secret-of-today");
    const { code, out } = rebuild("--identity-file", keyFile);
    expect([code, out]).toEqual([
      2,
      expect.stringMatching(/has another key of user shop-clerk than the archive, .*; nothing was changed/),
    ]);
  });
});
