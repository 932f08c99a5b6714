import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { markOf } from "../../../cli/ending/processes.ts";
import { clearStaleLocks, ensureDataFolder, judgeDataFolder } from "../../../cli/local/postgres/data-folder.ts";

let folder: string;
let data: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bucketworks data "));
  data = join(folder, "data");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function lay(...files: string[]): void {
  for (const file of files) {
    mkdirSync(dirname(join(data, file)), { recursive: true });
    writeFileSync(join(data, file), "16\n");
  }
}
const initdb = (at: string) => {
  mkdirSync(join(at, "global"), { recursive: true });
  for (const file of ["PG_VERSION", "global/pg_control"]) writeFileSync(join(at, file), "16\n");
};

describe("a data folder of PostgreSQL", () => {
  test.for([
    ["without anything is made", [], "absent"],
    ["that a killed initdb left has nothing to lose", ["PG_VERSION", "base/1/112"], "half"],
    ["that it left later has nothing to lose either", ["PG_VERSION", "global/pg_control", "base/5/112"], "half"],
    ["that a server ran on is whole", ["PG_VERSION", "global/pg_control", "postmaster.opts"], "whole"],
    ["that we made is whole", ["PG_VERSION", "global/pg_control", "bucketworks.initdb-finished"], "whole"],
    ["that holds a database and lacks its control file may hold rows", ["PG_VERSION", "base/16384/112"], "damaged"],
    ["that a server ran on and lacks its version may hold rows", ["global/pg_control", "postmaster.opts"], "damaged"],
  ] as const)("%s", ([, files, verdict]) => {
    lay(...files);
    expect(judgeDataFolder(data)).toBe(verdict);
  });

  test("is in its place once initdb has finished, not before", () => {
    ensureDataFolder(data, (at) => {
      initdb(at);
      expect(existsSync(data)).toBe(false);
    });
    expect(judgeDataFolder(data)).toBe("whole");
    expect(readdirSync(folder)).toEqual(["data"]);
  });

  test("half made is made anew, and what lies beside it from a killed initdb goes", () => {
    lay("PG_VERSION", "base/1/112");
    mkdirSync(join(folder, "data.making-1"));
    ensureDataFolder(data, initdb);
    expect(judgeDataFolder(data)).toBe("whole");
    expect(readdirSync(folder)).toEqual(["data"]);
  });

  test("damaged is said and left as it is", () => {
    lay("PG_VERSION", "base/16384/112");
    expect(() => ensureDataFolder(data, initdb)).toThrow(/pg_control.*nothing was written.*from a backup/);
    expect(readdirSync(data).sort()).toEqual(["PG_VERSION", "base"]);
  });
});

describe("the lock file of a server that is gone", () => {
  const locks = () => [join(data, "postmaster.pid"), join(folder, ".s.PGSQL.5555.lock")];
  const write = (pid: string) => {
    mkdirSync(data, { recursive: true });
    for (const lock of locks()) writeFileSync(lock, `${pid}\n${data}\n`);
  };
  const left = () => locks().filter((lock) => existsSync(lock));

  test("goes where its process id belongs to another program by now", () => {
    write(String(process.ppid));
    clearStaleLocks(data, folder);
    expect(left()).toEqual([]);
  });

  test("goes where it is garbled", () => {
    write("\0\0garbage");
    clearStaleLocks(data, folder);
    expect(left()).toEqual([]);
  });

  test("stays where that process is dead: PostgreSQL judges by itself whether its memory is in use", () => {
    expect(markOf(2 ** 22 + 1)).toBeUndefined();
    write(String(2 ** 22 + 1));
    clearStaleLocks(data, folder);
    expect(left()).toEqual(locks());
  });
});
