import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Finding } from "../../cli/doctor/finding.ts";
import { judgeCheckpoint } from "../../toolchain/state/checkpoint.ts";
import { freePort } from "../support/minio.ts";
import { copyProject, plainShell } from "../support/project-copy.ts";
import { noSmallDisk, SmallFolder } from "../support/small-disk.ts";
import { manyBuckets, platformFile } from "../support/specs.ts";

const KEPT = "      - {name: kept, description: d, on_delete: retain}";
const MORE = `${KEPT}\n${manyBuckets(20, "more")}`;
const FULL = /no space is left on the disk \(ENOSPC\)|the disk has no room for the state of stack dev/;

const without = noSmallDisk();

describe.skipIf(without !== undefined)(
  `a checkout whose disk fills up during an update${without ? ` (skipped: ${without})` : ""}`,
  () => {
    let root: string;
    let disk: SmallFolder;
    let ports: Record<string, string>;
    let spec: string;
    let before: string;

    beforeAll(async () => {
      root = copyProject();
      disk = await SmallFolder.over(join(root, ".bucketworks"));
      ports = { BUCKETWORKS_PORT: String(await freePort()), BUCKETWORKS_CONSOLE_PORT: String(await freePort()) };
      const platforms = join(root, "config", "platforms");
      for (const name of readdirSync(platforms)) rmSync(join(platforms, name), { recursive: true });
      spec = join(platforms, "shop.yaml");
      writeFileSync(spec, platformFile(KEPT));
      expect(run("sh", "toolchain/bootstrap.sh").code).toBe(0);
      expect(run("bin/bucketworks", "up")).toMatchObject({ code: 0 });
      before = readFileSync(state(), "utf8");
    });
    afterAll(() => {
      disk.free();
      run("bin/bucketworks", "down");
      disk.end();
      rmSync(root, { recursive: true, force: true });
    });

    const state = () => disk.path("state", ".pulumi", "stacks", "bucketworks", "dev.json");
    const env = () => ({ ...plainShell(), ...ports, MINIO_ENDPOINT: "", PULUMI_BACKEND_URL: "" });

    function run(...words: string[]): { code: number | null; out: string } {
      const [program, ...args] = disk.through(root, words);
      const { status, stdout, stderr } = spawnSync(program, args, { env: env(), encoding: "utf8" });
      return { code: status, out: stdout + stderr };
    }

    test("keeps the last good state whole, and the update ends with a sentence", async () => {
      writeFileSync(spec, platformFile(MORE));
      const [program, ...args] = disk.through(root, ["bin/bucketworks", "up"]);
      const child = spawn(program, args, { env: env(), stdio: ["ignore", "pipe", "pipe"] });
      const ended = once(child, "close");
      let out = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (out += data));
      // The first bucket is there, its settings and the state that knows it aren't written yet.
      const begun = () => readdirSync(disk.path("minio", "data")).some((name) => name.startsWith("more-"));
      while (!begun() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 2));
      disk.fill();
      const [code] = await ended;
      expect(code, out).not.toBe(0);
      expect(out).toMatch(/no space (is )?left on|the disk has no room|the disk of MinIO at \S+ is full/);
      expect(out).not.toMatch(/^ +at /m);
      const [newest = ""] = readdirSync(disk.path("state-kept", "dev")).sort().reverse();
      const kept = readFileSync(disk.path("state-kept", "dev", newest), "utf8");
      expect(judgeCheckpoint(kept).kind).toBe("whole");
      expect(kept).toBe(before);
    });

    test("says so at the next command in one sentence, while there is no room", () => {
      disk.fill();
      const { code, out } = run("bin/bucketworks", "up");
      expect(out).toMatch(FULL);
      expect(out).not.toMatch(/^ +at /m);
      expect(code).toBe(3);
    });

    test("doctor names both disks that are full, that of the checkout and the server's, each with its cure (M-068)", () => {
      disk.fill();
      const { code, out } = run("bin/bucketworks", "doctor", "--json");
      const { findings } = JSON.parse(out) as { findings: Finding[] };
      const of = (check: string) => findings.find((each) => each.check === check);
      expect(code).toBe(1);
      expect(of("disk")).toMatchObject({
        state: "wrong",
        seen: `0 MiB free for ${join(root, ".bucketworks")}`,
        cure: expect.stringContaining("free some space"),
        runbook: "docs/runbook.md#this-machines-disk-is-full",
      });
      expect(of("server-disk")).toMatchObject({
        state: "wrong",
        seen: expect.stringMatching(/^.* \(0 %\) free on drive /),
        runbook: "docs/runbook.md#the-servers-disk-is-full",
      });
    });

    test("with room again offers the kept state where its own was cut off, names what that can't know, and up finishes the work", () => {
      disk.free();
      // What a full disk leaves of the state differs from run to run: here the worst of it.
      writeFileSync(state(), "");
      const cut = run("bin/bucketworks", "up");
      expect(cut.out).toMatch(/the state of stack dev is empty; .*: bin\/bucketworks recover/);
      expect(cut.code).toBe(3);
      const taken = run("bin/bucketworks", "recover", "--take-state");
      expect(taken.out).toContain("is the state of stack dev again");
      expect(taken.code, taken.out).toBe(0);
      // Made by the run whose state is lost: the copy can't know them, and none is taken without consent.
      const unknown = [...taken.out.matchAll(/bucket (more-\d+): on the server .* not in the copy; adopt: true/g)];
      const adopted = unknown.reduce(
        (text, [, name]) => text.replace(`name: ${name},`, `name: ${name}, adopt: true,`),
        MORE,
      );
      writeFileSync(spec, platformFile(adopted));
      const up = run("bin/bucketworks", "up");
      expect(up.code, up.out).toBe(0);
      expect(up.out).toContain("the server is as the specs say: 21 buckets");
    });
  },
);
