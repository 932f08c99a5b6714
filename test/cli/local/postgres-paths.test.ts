import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { serverConfiguration } from "../../../builders/postgres/configuration.ts";
import { socketFolder, withPlainPath } from "../../../cli/local/postgres/paths.ts";
import { isOwnBackend } from "../../../cli/local/stack/kept-state.ts";
import { backendFolder, backendUrl } from "../../../config/stack/backend.ts";

const NAMES = [
  "a $HOME b",
  "it's",
  'say "hi"',
  "back`id`tick",
  "back\\slash",
  "per%20cent",
  "hash#",
  "what?",
  "star*",
  "ümläut",
  "bang!",
];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bucketworks-paths-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a checkout in a folder with a strange name", () => {
  test.each(NAMES)("%s: a program that starts another one through a shell finds it, as initdb does", (name) => {
    const program = join(folder, name, "native", "bin", "initdb");
    mkdirSync(dirname(program), { recursive: true });
    writeFileSync(join(dirname(program), "postgres"), "#!/bin/sh\necho found\n");
    chmodSync(join(dirname(program), "postgres"), 0o755);
    let used = "";
    const said = withPlainPath(program, (path) => {
      used = path;
      return spawnSync("sh", ["-c", `"${join(dirname(path), "postgres")}"`], { encoding: "utf8" }).stdout;
    });
    expect(said).toBe("found\n");
    // a copy is gone afterwards, the programs themselves stay
    expect(existsSync(dirname(used))).toBe(used === program);
    expect(existsSync(dirname(program))).toBe(true);
  });

  test.each(NAMES)("%s: the engine's backend is that folder, and the lock is looked for there", (name) => {
    const path = `/srv/${name}/.bucketworks/state`;
    expect(backendFolder(backendUrl(path))).toBe(path);
    const root = `/srv/${name}`;
    for (const url of [backendUrl(path), backendUrl(`${path}/`), backendUrl(`${root}/docs/../.bucketworks/state//`)])
      expect(isOwnBackend(root, { PULUMI_BACKEND_URL: url })).toBe(true);
    expect(isOwnBackend(`${root}2`, { PULUMI_BACKEND_URL: backendUrl(path) })).toBe(false);
  });

  test("PostgreSQL's settings hold a path with quotes and backslashes as they are", () => {
    const text = serverConfiguration({ port: 1, addresses: "", socket: "", tls: undefined, access: "/a\\b/it's" });
    expect(text).toContain("hba_file = '/a\\\\b/it''s/pg_hba.conf'");
  });
});

describe("the socket of PostgreSQL", () => {
  test("lies in the server's folder where its path is short enough, else there is none", () => {
    const long = `/${"x".repeat(103 - "//.s.PGSQL.5555".length)}`;
    expect(socketFolder(long, 5555)).toBe(long);
    expect(socketFolder(`${long}x`, 5555)).toBe("");
    expect(socketFolder(`${long}x`, 555)).toBe(`${long}x`);
    expect(socketFolder("/a,b", 5555)).toBe("");
    expect(socketFolder(`/${"ü".repeat(48)}`, 5555)).toBe("");
  });
});
