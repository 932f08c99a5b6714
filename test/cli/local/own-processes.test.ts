import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkoutAt } from "../../../cli/checkout.ts";
import { minio, servesMinio } from "../../../cli/local/minio/service.ts";
import { worksOn } from "../../../cli/local/postgres/processes.ts";
import { postgres } from "../../../cli/local/postgres/service.ts";
import { ownProcesses, supervises } from "../../../cli/local/service/own-processes.ts";
import type { Running } from "../../../cli/local/service/running.ts";

const CHECKOUT = checkoutAt("/home/ada/bw");
const SUPERVISOR = "/opt/bw/cli/local/service/supervise.ts";
/** Of the version before, one for each server. */
const FORMER = "/opt/bw/cli/local/supervise.ts";
const FORMER_POSTGRES = "/opt/bw/cli/local/postgres/supervise.ts";
const HOW = JSON.stringify({ ports: { api: 9000, console: 9001 }, settings: { region: "eu west 1" } });
const MINIO = minio(CHECKOUT);
const POSTGRES = postgres(CHECKOUT);
const DATA = "/home/ada/bw/.bucketworks/postgres/data";

const unseen = { pid: 7, cwd: undefined, sees: () => true };
/** As /proc tells of it, and as ps does. */
const exact = (...args: string[]): Running => ({ ...unseen, args, line: args.join(" ") });
const joined = (...args: string[]): Running => ({ ...unseen, args: undefined, line: args.join(" ") });
const minioOf = (root: string): string[] => {
  const { certs, data } = checkoutAt(root).minio;
  return ["/opt/bin/minio", "server", "--anonymous", "--certs-dir", certs, data];
};

describe.each([
  ["apart", exact],
  ["as one line", joined],
])("by arguments that the system tells %s", (_, told) => {
  test.each([
    [SUPERVISOR, "/home/ada/bw", "minio", HOW],
    ["--no-warnings", SUPERVISOR, "/home/ada/bw", "minio", HOW],
    [FORMER, "/home/ada/bw", "9000", "9001"],
    [FORMER, "/home/ada/bw", "9000", "9001", "eu-west-1"],
    ["--no-warnings", FORMER, "/home/ada/bw", "9000", "9001"],
  ])("%s %s is the supervisor of this checkout's MinIO, and not PostgreSQL's", (...args) => {
    expect(supervises(told("/opt/bin/node", ...args), MINIO)).toBe(true);
    expect(supervises(told("/opt/bin/node", ...args), POSTGRES)).toBe(false);
  });

  test.each([
    ["a checkout whose path begins alike", "/opt/bin/node", SUPERVISOR, "/home/ada/bw-2", "minio", HOW],
    ["one that has a blank there", "/opt/bin/node", SUPERVISOR, "/home/ada/bw 2", "minio", HOW],
    ["one within this", "/opt/bin/node", SUPERVISOR, "/home/ada/bw/x", "minio", HOW],
    ["the supervisor of another service", "/opt/bin/node", SUPERVISOR, "/home/ada/bw", "postgres", HOW],
    ["an editor", "vim", "cli/local/service/supervise.ts", "/home/ada/bw", "minio", HOW],
    ["a search", "/usr/bin/grep", "-r", "cli/local/service/supervise.ts", "/home/ada/bw", "minio", HOW],
    ["another program of Node", "node", "lint.js", "cli/local/service/supervise.ts", "/home/ada/bw", "minio", HOW],
    ["a program of a like name", "node", "/opt/my-cli/local/service/supervise.ts", "/home/ada/bw", "minio", HOW],
    ["a former one of a path that begins alike", "/opt/bin/node", FORMER, "/home/ada/bw-2", "9000", "9001"],
    ["a former one of PostgreSQL", "/opt/bin/node", FORMER_POSTGRES, "/home/ada/bw", "9000", "9001"],
    ["a former editor", "vim", "cli/local/supervise.ts", "/home/ada/bw", "9000", "9001"],
  ])("%s is none of ours", (_name, ...args) => {
    expect(supervises(told(...args), MINIO)).toBe(false);
  });

  test.each([
    [SUPERVISOR, ["postgres", HOW]],
    [FORMER_POSTGRES, []],
  ])("PostgreSQL's supervisor %s, and not that of a path that begins alike", (program, rest) => {
    expect(supervises(told("/opt/bin/node", program, "/home/ada/bw", ...rest), POSTGRES)).toBe(true);
    for (const root of ["/home/ada/bw-2", "/home/ada/bw 2", "/home/ada"]) {
      expect(supervises(told("/opt/bin/node", program, root, ...rest), POSTGRES)).toBe(false);
    }
  });

  test("MinIO on this data folder, and on no other", () => {
    expect(servesMinio(told(...minioOf("/home/ada/bw")), CHECKOUT)).toBe(true);
    expect(servesMinio(told(...minioOf("/home/ada/bw-2")), CHECKOUT)).toBe(false);
    expect(servesMinio(told("vim", ...minioOf("/home/ada/bw").slice(1)), CHECKOUT)).toBe(false);
  });

  test("PostgreSQL on this data folder or one that becomes it, and on no other", () => {
    expect(worksOn(told("/opt/bin/postgres", "-D", DATA, "-p", "5432"), DATA)).toBe(true);
    expect(worksOn(told("/opt/bin/initdb", "-D", `${DATA}.making-12`), DATA)).toBe(true);
    expect(worksOn(told("/opt/bin/postgres", "-D", `${DATA}-2`), DATA)).toBe(false);
    expect(worksOn(told("tail", "/var/log/postgres", DATA), DATA)).toBe(false);
  });
});

test("Node's options that have a value, or run no file, aren't the program", () => {
  const rest = [SUPERVISOR, "/home/ada/bw", "minio", HOW];
  expect(supervises(exact("node", "--import", "./hooks.ts", ...rest), MINIO)).toBe(true);
  for (const option of ["--check", "-e", "--eval=1", "-pe"]) {
    expect(supervises(exact("node", option, ...rest), MINIO)).toBe(false);
  }
});

test("a process in a container that has another folder at this path is none of ours", () => {
  const sees = (): boolean => false;
  expect(servesMinio({ ...exact(...minioOf("/home/ada/bw")), sees }, CHECKOUT)).toBe(false);
  expect(supervises({ ...exact("node", SUPERVISOR, "/home/ada/bw", "postgres", HOW), sees }, POSTGRES)).toBe(false);
  expect(worksOn({ ...exact("postgres", "-D", DATA), sees }, DATA)).toBe(false);
});

describe.runIf(process.platform === "linux")("a checkout that was renamed", () => {
  const children: ChildProcess[] = [];
  let folder: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "bucketworks own ")));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      const gone = once(child, "close");
      if (child.kill("SIGKILL")) await gone;
    }
    rmSync(folder, { recursive: true });
  });

  /** A program that says a word and lives until it is ended, called like this. */
  async function begin(cwd: string, program: string, args: string[], argv0: string): Promise<number> {
    const child = spawn(program, args, { cwd, argv0, stdio: ["pipe", "pipe", "ignore"] });
    children.push(child);
    await once(child.stdout, "data");
    return Number(child.pid);
  }

  /** The processes of a checkout: supervisors, a MinIO, a PostgreSQL and its child. */
  async function serve(root: string): Promise<{ minio: number[]; postgres: number[] }> {
    const { minio, postgres } = checkoutAt(root);
    const data = join(postgres.folder, "data");
    for (const path of [minio.data, data]) mkdirSync(path, { recursive: true });
    writeFileSync(join(data, "PG_VERSION"), "17\n");
    const waits = 'console.log("up");\nsetInterval(() => undefined, 1000);\n';
    // One of this version, one of the version before.
    const [one, other] = [join(root, "cli/local/service/supervise.ts"), join(root, "cli/local/postgres/supervise.ts")];
    for (const path of [one, other]) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, waits);
    }
    // Shells that wait for a line, called like the real ones.
    writeFileSync(join(root, "server"), "echo up\nread line\n");
    const wait = ["-c", "echo up; read line"];
    return {
      minio: [
        await begin(root, process.execPath, [one, root, "minio", HOW], process.execPath),
        await begin(root, "/bin/sh", ["server", minio.data], "minio"),
      ],
      postgres: [
        await begin(root, process.execPath, [other, root], process.execPath),
        await begin(data, "/bin/sh", [...wait, "-D", data], "postgres"),
        await begin(data, "/bin/sh", wait, "postgres: checkpointer"),
      ],
    };
  }

  test("keeps its processes, which aren't those of the one at its old path", async () => {
    const [old, now] = [join(folder, "bw"), join(folder, "bw-2")];
    const own = await serve(old);
    renameSync(old, now);
    mkdirSync(checkoutAt(old).minio.data, { recursive: true });
    mkdirSync(join(checkoutAt(old).postgres.folder, "data"), { recursive: true });
    const pids = (found: readonly { pid: number }[]): number[] => found.map(({ pid }) => pid);
    expect(pids(ownProcesses(minio(checkoutAt(old))))).toEqual([]);
    expect(pids(ownProcesses(postgres(checkoutAt(old))))).toEqual([]);
    expect(pids(ownProcesses(minio(checkoutAt(now))))).toEqual(own.minio);
    expect(pids(ownProcesses(postgres(checkoutAt(now))))).toEqual(own.postgres);
  });
});
