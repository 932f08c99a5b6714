import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkoutAt } from "../../../cli/checkout.ts";
import {
  ownMinio,
  ownPostgres,
  servesMinio,
  supervisesMinio,
  supervisesPostgres,
  worksOn,
} from "../../../cli/local/own-processes.ts";
import type { Running } from "../../../cli/local/running.ts";

const CHECKOUT = checkoutAt("/home/ada/bw");
const SUPERVISOR = "/opt/bw/cli/local/supervise.ts";
const POSTGRES = "/opt/bw/cli/local/postgres/supervise.ts";
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
    [SUPERVISOR, "/home/ada/bw", "9000", "9001"],
    [SUPERVISOR, "/home/ada/bw", "9000", "9001", "eu-west-1"],
    ["--no-warnings", SUPERVISOR, "/home/ada/bw", "9000", "9001"],
  ])("%s %s is the supervisor of this checkout's MinIO", (...args) => {
    expect(supervisesMinio(told("/opt/bin/node", ...args), CHECKOUT)).toBe(true);
  });

  test.each([
    ["a checkout whose path begins alike", "/opt/bin/node", SUPERVISOR, "/home/ada/bw-2", "9000", "9001"],
    ["one that has a blank there", "/opt/bin/node", SUPERVISOR, "/home/ada/bw 2", "9000", "9001"],
    ["one within this", "/opt/bin/node", SUPERVISOR, "/home/ada/bw/x", "9000", "9001"],
    ["the other supervisor", "/opt/bin/node", POSTGRES, "/home/ada/bw", "9000", "9001"],
    ["an editor", "vim", "cli/local/supervise.ts", "/home/ada/bw", "9000", "9001"],
    ["a search", "/usr/bin/grep", "-r", "cli/local/supervise.ts", "/home/ada/bw", "9000", "9001"],
    ["another program of Node", "node", "lint.js", "cli/local/supervise.ts", "/home/ada/bw", "9000", "9001"],
    ["a program of a like name", "node", "/opt/my-cli/local/supervise.ts", "/home/ada/bw", "9000", "9001"],
  ])("%s is none of ours", (_name, ...args) => {
    expect(supervisesMinio(told(...args), CHECKOUT)).toBe(false);
  });

  test("PostgreSQL's supervisor, and not that of a path that begins alike", () => {
    expect(supervisesPostgres(told("/opt/bin/node", POSTGRES, "/home/ada/bw"), CHECKOUT)).toBe(true);
    for (const root of ["/home/ada/bw-2", "/home/ada/bw 2", "/home/ada"]) {
      expect(supervisesPostgres(told("/opt/bin/node", POSTGRES, root), CHECKOUT)).toBe(false);
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
  const rest = [SUPERVISOR, "/home/ada/bw", "9000", "9001"];
  expect(supervisesMinio(exact("node", "--import", "./hooks.ts", ...rest), CHECKOUT)).toBe(true);
  for (const option of ["--check", "-e", "--eval=1", "-pe"]) {
    expect(supervisesMinio(exact("node", option, ...rest), CHECKOUT)).toBe(false);
  }
});

test("a process in a container that has another folder at this path is none of ours", () => {
  const sees = (): boolean => false;
  expect(servesMinio({ ...exact(...minioOf("/home/ada/bw")), sees }, CHECKOUT)).toBe(false);
  expect(supervisesPostgres({ ...exact("node", POSTGRES, "/home/ada/bw"), sees }, CHECKOUT)).toBe(false);
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
    const [one, other] = [join(root, "cli/local/supervise.ts"), join(root, "cli/local/postgres/supervise.ts")];
    mkdirSync(dirname(other), { recursive: true });
    for (const path of [one, other]) writeFileSync(path, waits);
    // Shells that wait for a line, called like the real ones.
    writeFileSync(join(root, "server"), "echo up\nread line\n");
    const wait = ["-c", "echo up; read line"];
    return {
      minio: [
        await begin(root, process.execPath, [one, root, "9000", "9001"], process.execPath),
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
    expect(pids(ownMinio(checkoutAt(old)))).toEqual([]);
    expect(pids(ownPostgres(checkoutAt(old)))).toEqual([]);
    expect(pids(ownMinio(checkoutAt(now)))).toEqual(own.minio);
    expect(pids(ownPostgres(checkoutAt(now)))).toEqual(own.postgres);
  });
});
