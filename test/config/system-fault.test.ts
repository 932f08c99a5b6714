import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemFault } from "../../config/system-fault.ts";

const CODES = [
  ...["EACCES", "EPERM", "ENOENT", "EISDIR", "ENOTDIR", "EEXIST", "ELOOP", "ENOSPC", "EDQUOT", "EROFS", "EMFILE"],
  ...["ENFILE", "ENAMETOOLONG", "ENOMEM", "EBUSY", "EIO", "ENOTEMPTY", "EXDEV", "ESTALE"],
];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bucketworks-fault-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const given = (code: string, more: object) =>
  Object.assign(new Error(`${code}: no words for people`), { code, ...more });
const thrownBy = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
};

describe("what the system refuses", () => {
  test.each(CODES)("%s of a file is one line: the place, the code, what to do", (code) => {
    const said = systemFault(given(code, { syscall: "open", path: "/srv/it's/key" }));
    expect(said).toMatch(new RegExp(`^/srv/it's/key: [^\\n]+\\(${code}\\); \\S[^\\n]+$`));
    expect(said).not.toContain("no words for people");
  });

  test.each([
    ["EACCES", "chown -R"],
    ["EISDIR", "move the folder away"],
    ["ENOTDIR", "move that file away"],
    ["ELOOP", "put the file itself there"],
    ["ENOSPC", "free some"],
    ["EROFS", "mount it for writing"],
    ["EMFILE", "ulimit -n"],
  ])("%s comes with its own cure: %s", (code, cure) => {
    expect(systemFault(given(code, { syscall: "open", path: "/srv/key" }))).toContain(cure);
  });

  test("errors as Node makes them: a missing file, a folder, a file as a folder, a circle of links", () => {
    const path = (name: string) => join(folder, name);
    mkdirSync(path("folder"));
    writeFileSync(path("file"), "");
    symlinkSync(path("circle"), path("circle"));
    symlinkSync(path("gone"), path("dangling"));
    const codes = ["missing", "dangling", "folder", "file/below", "circle"].map((name) => {
      const said = systemFault(thrownBy(() => readFileSync(path(name)))) ?? "";
      return said.startsWith(path("folder")) || said.startsWith(path(name)) || said.startsWith("a file:")
        ? /\((E\w+)\)/.exec(said)?.[1]
        : said;
    });
    expect(codes).toEqual(["ENOENT", "ENOENT", "EISDIR", "ENOTDIR", "ELOOP"]);
  });

  test("an error without a path, as of a write to an open file, is a sentence too", () => {
    const file = openSync(join(folder, "open"), "w");
    closeSync(file);
    expect(systemFault(given("ENOSPC", { syscall: "write" }))).toBe(
      "a file: no space is left on the disk (ENOSPC); free some, then run it again",
    );
  });

  test("a path that a shell would take apart is quoted in the advice", () => {
    expect(systemFault(given("EACCES", { syscall: "open", path: "/a b/$c/it's" }))).toContain(
      `chown -R "$(id -u)" '/a b/$c/it'\\''s' &&`,
    );
  });

  test("a program that can't be started, and another user's process", () => {
    expect(systemFault(given("ENOENT", { syscall: "spawn mc", path: "mc" }))).toMatch(
      /^mc: there is no such program \(ENOENT\)/,
    );
    expect(systemFault(given("EPERM", { syscall: "kill" }))).toMatch(
      /belongs to another user .*\(EPERM\); end it as that user/,
    );
  });

  test("the cause beneath another error counts; a fault of the program is none", () => {
    const cause = given("EROFS", { syscall: "open", path: "/x" });
    expect(systemFault(new Error("outside", { cause }))).toMatch(/^\/x: .*\(EROFS\);/);
    expect(systemFault(new TypeError("x is not a function"))).toBeUndefined();
    expect(systemFault(Object.assign(new Error("x"), { code: "ERR_INVALID_ARG_TYPE" }))).toBeUndefined();
  });
});
