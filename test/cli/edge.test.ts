import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CommanderError } from "commander";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Checkout, checkoutAt } from "../../cli/checkout.ts";
import { endingOf } from "../../cli/ending/error-to-exit.ts";
import { CommandError, EXIT } from "../../cli/ending/exit.ts";
import { Interrupted } from "../../cli/ending/signals.ts";
import { withLock } from "../../cli/local/checkout-lock.ts";
import { writeAlias } from "../../cli/local/minio/mc-alias.ts";
import { minio } from "../../cli/local/minio/service.ts";
import { ensureSecrets } from "../../cli/local/secrets.ts";
import { wantedPorts } from "../../cli/local/service/ports.ts";
import { managedBuckets, settleManaged } from "../../cli/local/stack/managed.ts";
import { refuseMove } from "../../cli/local/stack/own-or-named-server.ts";
import { stackLocks } from "../../cli/recovery/pulumi-lock.ts";
import { loadTarget } from "../../cli/target/target.ts";
import { readMigrations } from "../../database/migration-files.ts";

let root: string;
let checkout: Checkout;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bucketworks-edge-"));
  checkout = checkoutAt(root);
  mkdirSync(dirname(checkout.minio.endpoint), { recursive: true });
  writeFileSync(checkout.minio.rootUser, "user\n");
  writeFileSync(checkout.minio.rootPassword, "password\n");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const state = () => join(checkout.state, ".pulumi", "stacks", "bucketworks", "dev.json");
const migration = () => join(root, "migrations", "shop", "001.do.first.sql");
const locks = () => stackLocks(`file://${checkout.state}`, "bucketworks", "dev");

/** Every file that a command reads or writes in a checkout, and the part of a command that does. */
const FILES: readonly [string, () => string, () => unknown][] = [
  ["state", state, () => refuseMove(checkout, undefined)],
  ["root password", () => checkout.minio.rootPassword, () => ensureSecrets(checkout)],
  ["root user", () => checkout.minio.rootUser, () => writeAlias(checkout, "127.0.0.1:9000")],
  ["KMS key", () => checkout.minio.kmsKey, () => ensureSecrets(checkout)],
  ["passphrase", () => checkout.passphrase, () => ensureSecrets(checkout)],
  ["endpoint", () => checkout.minio.endpoint, () => wantedPorts(minio(checkout), {})],
  ["console", () => checkout.minio.console, () => wantedPorts(minio(checkout), {})],
  ["managed buckets", () => checkout.managed, () => managedBuckets(checkout)],
  ["mc's configuration", () => checkout.mc.config, () => writeAlias(checkout, "127.0.0.1:9000")],
  ["migration", migration, () => readMigrations(join(root, "migrations"), "shop")],
  ["Pulumi's lock", () => join(checkout.state, ".pulumi/locks/organization/bucketworks/dev/a.json"), locks],
  [
    "password of the shell",
    () => join(root, "named"),
    () => {
      const env = {
        MINIO_ENDPOINT: "127.0.0.1:1",
        MINIO_ROOT_USER: "u",
        MINIO_ROOT_PASSWORD_FILE: join(root, "named"),
      };
      return loadTarget({ stage: "dev", files: [], env });
    },
  ],
];

/** How a file can be unreadable for root, too. */
const FAULTS: readonly [string, string, (path: string) => void][] = [
  ["a folder", "EISDIR", (path) => mkdirSync(path)],
  ["a circle of links", "ELOOP", (path) => symlinkSync(path, path)],
];

async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("a file that can't be used is one sentence with its path and exit code 3", () => {
  test.each(FILES.flatMap(([what, path, use]) => FAULTS.map((fault) => [what, ...fault, path, use] as const)))(
    "%s: %s (%s)",
    async (_what, _how, code, breakIt, path, use) => {
      rmSync(path(), { force: true });
      mkdirSync(dirname(path()), { recursive: true });
      breakIt(path());
      const { text, exitCode } = endingOf(await thrownBy(use));
      expect({ text, exitCode }).toEqual({
        text: expect.stringMatching(new RegExp(`^[^\\n]+\\(${code}\\);[^\\n]+$`)),
        exitCode: 3,
      });
      expect(text).toContain(path().split("/").at(-1));
      expect(text).not.toMatch(/illegal operation|syscall|\bat /);
    },
  );

  test("a home that is a file: nothing can be locked", async () => {
    rmSync(checkout.home, { recursive: true });
    writeFileSync(checkout.home, "");
    const { text, exitCode } = endingOf(await thrownBy(() => withLock(checkout, "up", async () => undefined)));
    expect(text).toContain(".bucketworks: something is there already (EEXIST); move it away");
    expect(exitCode).toBe(3);
  });

  test.each([
    ["cut off", '{"schemaVersion": 2, "buckets": ["orders", "inv'],
    ["cut to nothing", ""],
    ["of blanks", "\n\n"],
    ["of zeros", "\0".repeat(64)],
    ["that is null", "null"],
    ["that is a list", '["orders"]'],
    ["without its buckets", '{"schemaVersion": 2}'],
    ["whose buckets are a name", '{"buckets": "orders"}'],
    ["with a number for a name", '{"buckets": ["orders", 7]}'],
    ["with a garbled time", '{"buckets": ["orders"], "made": {"orders": "2026-13-"}}'],
    ["with a time for no bucket", '{"buckets": ["orders"], "made": {"ordres": "2026-01-02T03:04:05.678Z"}}'],
  ])("managed-buckets.json %s is one sentence, never an empty list, and stays as it is", async (_how, text) => {
    writeFileSync(checkout.managed, text);
    const uses = [() => managedBuckets(checkout), () => settleManaged(checkout, new Map(), ["a"])];
    for (const use of uses) {
      const managed = endingOf(await thrownBy(use));
      expect(managed.text).toMatch(
        /^[^\n]+managed-buckets\.json: is garbled or cut short, [^\n]+; put it back from a copy, or remove it: [^\n]+$/,
      );
      expect(managed.exitCode).toBe(3);
    }
    expect(readFileSync(checkout.managed, "utf8")).toBe(text);
  });

  test("no managed-buckets.json is no bucket of ours; an old one without times is taken", () => {
    expect(managedBuckets(checkout)).toEqual([]);
    writeFileSync(checkout.managed, '{"schemaVersion": 1, "buckets": ["orders"]}\n');
    expect(managedBuckets(checkout)).toEqual(["orders"]);
  });

  test("a garbled configuration of mc names itself and its cure", async () => {
    mkdirSync(checkout.mc.folder, { recursive: true });
    writeFileSync(checkout.mc.config, '{"aliases"');
    const mc = endingOf(await thrownBy(() => writeAlias(checkout, "127.0.0.1:9000")));
    expect(mc.text).toMatch(/config\.json: is cut off or garbled/);
    expect(mc.exitCode).toBe(3);
  });
});

describe("how a command ends", () => {
  test("a server's own error is a sentence without its fields", () => {
    const error = Object.assign(new Error("could not extend file: No space left on device"), {
      ...{ severity: "ERROR", code: "53100", routine: "mdextend", internalQuery: "SECRET" },
    });
    expect(endingOf(error)).toEqual({
      text: "PostgreSQL refuses: could not extend file: No space left on device (SQLSTATE 53100); free some space on its disk, then run it again",
      exitCode: 3,
    });
  });

  test("a fault of the program is told as such, with its trace, and is never taken for findings", () => {
    const { text, exitCode } = endingOf(new TypeError("x is not a function"));
    expect(text).toMatch(/^bucketworks met a fault of its own.*report/);
    expect(text).toContain("edge.test.ts");
    expect(exitCode).toBe(EXIT.couldNotLook);
  });

  test("what failed because of a signal ends with that signal's code", () => {
    const codes = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => {
      const { text, exitCode } = endingOf(
        new CommandError("the engine was cancelled", EXIT.findings),
        new Interrupted(signal),
      );
      expect(text).toContain(`the engine was cancelled\ninterrupted (${signal}): nothing more was begun`);
      return exitCode;
    });
    expect(codes).toEqual([130, 143, 129]);
  });

  test("wrong use and asked-for help stay as they are", () => {
    expect(endingOf(new CommanderError(1, "commander.unknownOption", "x"))).toEqual({ text: "", exitCode: 2 });
    expect(endingOf(new CommanderError(0, "commander.help", "x"))).toEqual({ text: "", exitCode: 0 });
  });
});
