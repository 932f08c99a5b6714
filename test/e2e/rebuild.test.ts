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
import { plainShell } from "../support/project-copy.ts";

const ACCESS = `access:
  policies: {reader: {grants: [{role: read_write, bucket: orders}]}}
  users: {shop-clerk: {policies: [reader]}}
  service_accounts: {shop-till: {user: shop-clerk, policies: [reader]}}
`;

let project: LocalProject;
let folder: string;
let archive: string;
let keyFile: string;
let passphraseFile: string;
let recipient: string;
let loggedIn: string;

beforeAll(async () => {
  project = await LocalProject.make();
  project.declare(project.good + ACCESS);
  folder = mkdtempSync(join(tmpdir(), "bucketworks-rebuild-"));
  archive = join(folder, "server.age");
  keyFile = join(folder, "key.txt");
  passphraseFile = join(folder, "passphrase");
  const identity = await generateX25519Identity();
  recipient = await identityToRecipient(identity);
  writeFileSync(keyFile, `# public key: ${recipient}\n${identity}\n`);
  writeFileSync(passphraseFile, "correct horse battery staple\n");
  must("up");
  loggedIn = key();
});

afterAll(async () => {
  await project?.remove();
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
  await stopService(minio(project.checkout));
  rmSync(project.checkout.minio.data, { recursive: true });
  await startMinio(project.checkout, { ...process.env, ...project.ports });
}

const rebuild = (...args: string[]): Ran => run("rebuild", archive, ...args);

describe("a server that is there is exported", () => {
  test("into a file for its owner's eyes alone, in which no name and no key can be read", () => {
    const out = must("export", "--out", archive, "--recipient", recipient);
    expect(out).toMatch(
      /server\.age: 3 buckets, 1 user, 0 groups, 1 policy, 1 service account of http:\S+, encrypted, \d+ bytes/,
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

describe("a server whose disks are lost", () => {
  test("gets identities with their keys and buckets with their settings back; a dry run changes nothing", async () => {
    await loseServer();
    const dry = must("rebuild", archive, "--identity-file", keyFile, "--dry-run");
    expect(dry).toContain("would be taken; nothing was changed");
    expect(project.mc("ls", "dev")).toBe("");
    expect(must("rebuild", archive, "--identity-file", keyFile)).toContain("has it all");
    expect(must("rebuild", archive, "--identity-file", keyFile), "a second time").toContain("has it all");
    expect(must("up")).toMatch(/deployed: nothing to change, \d+ resources/);
    expect(must("verify")).toMatch(/3 buckets, 2 identities \(\d+ tries\): right/);
    expect(key()).toBe(loggedIn);
  });
});
