import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { minio } from "../../cli/local/minio/service.ts";
import { readRun } from "../../cli/local/service/record.ts";
import { stopService } from "../../cli/local/service/start.ts";
import { LocalCheckout } from "../support/local-checkout.ts";
import { ROOT } from "../support/toolchain.ts";

let local: LocalCheckout;
beforeEach(async () => {
  local = await LocalCheckout.make();
});
afterEach(() => local.remove());

describe("over data that needs it, a secret is never made anew", () => {
  test.for(["rootUser", "rootPassword", "kmsKey"] as const)("%s", async (key) => {
    await local.start();
    await stopService(minio(local.checkout));
    const file = local.checkout.minio[key];
    const before = readFileSync(file);
    for (const lose of [() => rmSync(file), () => writeFileSync(file, "\n")]) {
      lose();
      const error = await local.start().catch((thrown) => thrown);
      expect(error).toMatchObject({ name: "CommandError", exitCode: 2 });
      expect(error.message).toContain(`.bucketworks/minio/${file.split("/").at(-1)}: the`);
      expect(error.message).toContain("put the file back (from a backup), or delete all local data with make clean");
      expect(readRun(local.checkout.minio)).toBeUndefined();
    }
    writeFileSync(file, before, { mode: 0o600 });
    expect((await local.start()).how).toBe("started");
  });

  test("passphrase", async () => {
    const stack = join(local.checkout.state, ".pulumi", "stacks", "bucketworks", "dev.json");
    mkdirSync(dirname(stack), { recursive: true });
    writeFileSync(stack, "{}");
    await expect(local.start()).rejects.toThrow(".bucketworks/passphrase: the passphrase of the state is missing");
  });
});

test("a first start that was cut short is finished: what is there stays", async () => {
  mkdirSync(local.checkout.minio.folder, { recursive: true });
  writeFileSync(local.checkout.minio.rootUser, "bucketworks-0123abcd\n");
  const { notes } = await local.start();
  expect(local.text(local.checkout.minio.rootUser)).toBe("bucketworks-0123abcd");
  expect(notes).toContain(".bucketworks/minio/root-user could be read by other users; its mode is 0600 now");
  expect(statSync(local.checkout.minio.rootUser).mode & 0o777).toBe(0o600);
});

describe("a data folder that can't be used is refused before anything starts", () => {
  test("a file in its place", async () => {
    mkdirSync(local.checkout.minio.folder, { recursive: true });
    writeFileSync(local.checkout.minio.data, "");
    await expect(local.start()).rejects.toThrow(".bucketworks/minio/data: must be a folder, is a file");
  });

  test("one that belongs to somebody else", () => {
    if (process.getuid?.() !== 0) return; // only root can make a folder for somebody else and act as a third
    const nobody = 65534;
    const { root, home, minio } = local.checkout;
    mkdirSync(minio.data, { recursive: true });
    for (const path of [root, home, minio.folder]) chownSync(path, nobody, nobody);
    chmodSync(minio.data, 0o700);
    const [server, checkout] = ["local/minio/start", "checkout"].map((name) =>
      JSON.stringify(join(ROOT, `cli/${name}.ts`)),
    );
    const program = `
      const { prepareFolders } = await import(${server});
      const { checkoutAt } = await import(${checkout});
      process.setuid(${nobody});
      try { prepareFolders(checkoutAt(${JSON.stringify(root)})); }
      catch (error) { console.log(error.name + ": " + error.code + " " + error.path); }`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
    expect(stdout).toContain(`: EACCES ${minio.data}`);
    expect(existsSync(minio.log)).toBe(false);
  });
});
