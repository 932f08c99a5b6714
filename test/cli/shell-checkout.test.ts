import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refuseOtherCheckout } from "../../cli/terminal/shell-checkout.ts";
import { backendUrl } from "../../config/stack/backend.ts";
import { foreignVariable } from "../../toolchain/other-checkout.ts";
import { bucketworks, ROOT } from "../support/cli.ts";

let base: string;
let mine: string;
let theirs: string;

beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "two checkouts ")));
  [mine, theirs] = ["mine", "theirs"].map((name) => {
    const root = join(base, name);
    for (const folder of ["toolchain", "bin", ".bucketworks", "docs"])
      mkdirSync(join(root, folder), { recursive: true });
    for (const file of ["toolchain/env.sh", "bin/bucketworks"]) writeFileSync(join(root, file), "");
    return root;
  }) as [string, string];
  symlinkSync(mine, join(base, "link to mine"));
});

afterAll(() => rmSync(base, { recursive: true, force: true }));

const run =
  (command: string, env: NodeJS.ProcessEnv, folder = mine) =>
  () =>
    refuseOtherCheckout(command, mine, { folder, env });
const refused = (name: string) =>
  new RegExp(`this is the checkout ${mine}, and the shell's ${name} belongs to ${theirs}: .*nothing was done`);

describe("a command of one checkout in the shell of another is refused and both are named, by", () => {
  test.each<[string, (root: string) => string]>([
    ["PULUMI_BACKEND_URL", (root) => `file://${root}/.bucketworks/state?metadata=skip`],
    ["PULUMI_CONFIG_PASSPHRASE_FILE", (root) => `${root}/.bucketworks/passphrase`],
    ["PULUMI_HOME", (root) => `${root}/.bucketworks/pulumi-home`],
    ["MINIO_ROOT_USER_FILE", (root) => `${root}/.bucketworks/minio/root-user`],
    ["MINIO_ROOT_PASSWORD_FILE", (root) => `${root}/.bucketworks/minio/root-password`],
    ["BUCKETWORKS_POSTGRES", (root) => `${root}/.bucketworks/postgres`],
    ["BUCKETWORKS_ROOT", (root) => root],
  ])("%s", (name, value) => {
    for (const command of ["purge", "recover", "key", "scan", "verify", "drift", "preview", "import-server"]) {
      expect(run(command, { [name]: value(theirs) })).toThrow(refused(name));
    }
    expect(run("purge", { [name]: value(mine) })).not.toThrow();
    expect(run("purge", { [name]: value(join(base, "link to mine")) })).not.toThrow();
  });
});

test("a backend and credentials that belong to no checkout are somebody's choice", () => {
  for (const PULUMI_BACKEND_URL of ["s3://states", "file:///srv/states", "file://~", "https://api.pulumi.com", ""]) {
    const env = { PULUMI_BACKEND_URL, MINIO_ROOT_PASSWORD_FILE: "/run/secrets/password", PULUMI_HOME: "/root/.pulumi" };
    expect(run("purge", env)).not.toThrow();
  }
});

test("a checkout whose name means something in a URL is known as its own, and another such one by its name", () => {
  const [here, there] = ["a%20b#c?d $e", "e%41?f"].map((name) => join(base, name)) as [string, string];
  for (const root of [here, there]) mkdirSync(join(root, ".bucketworks"), { recursive: true });
  const env = (root: string) => ({
    PULUMI_BACKEND_URL: backendUrl(join(root, ".bucketworks", "state")),
    MINIO_ROOT_PASSWORD_FILE: join(root, ".bucketworks", "minio", "root-password"),
  });
  expect(foreignVariable(here, env(here))).toBeUndefined();
  expect(foreignVariable(here, env(there))).toEqual({ name: "PULUMI_BACKEND_URL", root: there });
});

test("the own state is known however Pulumi may read its name: from home, or from the folder that a command names", () => {
  mkdirSync(join(mine, ".bucketworks", "state"), { recursive: true });
  const state = "mine/.bucketworks/state";
  expect(foreignVariable(mine, { PULUMI_BACKEND_URL: `file://~/${state}`, HOME: dirname(mine) })).toBeUndefined();
  expect(foreignVariable(mine, { PULUMI_BACKEND_URL: "file://./.bucketworks/state" }, mine)).toBeUndefined();
  expect(foreignVariable(mine, { PULUMI_BACKEND_URL: "file://./.bucketworks/state" }, theirs)?.root).toBe(theirs);
});

test("what takes nothing from the shell runs in any", () => {
  const env = { BUCKETWORKS_ROOT: theirs, PULUMI_BACKEND_URL: `file://${theirs}/.bucketworks/state` };
  for (const command of ["up", "down", "destroy", "clean", "migrate", "check"]) expect(run(command, env)).not.toThrow();
});

test("the command of one checkout in a folder of another is refused, clean before all", () => {
  const words = `clean: the current folder is in the checkout ${theirs}, and this command is of ${mine}; nothing was done`;
  for (const folder of [theirs, join(theirs, "docs")]) expect(run("clean", {}, folder)).toThrow(words);
  for (const folder of [join(mine, "docs"), base, "/"]) expect(run("clean", {}, folder)).not.toThrow();
});

test("a refused command ends with 2, one sentence and what to do", async () => {
  const PULUMI_BACKEND_URL = `file://${theirs}/.bucketworks/state`;
  const { code, stdout, stderr } = await bucketworks(["purge", "a"], { env: { PULUMI_BACKEND_URL } });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(
    new RegExp(`^purge: .*nothing was done. For this checkout: \\. ${join(ROOT, "toolchain")}/env.sh\n$`),
  );
});
