import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DatabaseFault } from "../../database/fault.ts";
import { openHistory } from "../../history/open-history.ts";
import type { RunSummary } from "../../report/schema.ts";

const of = { stage: "dev", server: "http://127.0.0.1:9000" };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "history-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function aRun(at: string, over: Partial<RunSummary> = {}): RunSummary {
  return {
    at,
    ...of,
    overall_health_score: 100,
    total_buckets: 10,
    unhealthy_buckets: 0,
    bytes: null,
    latency_ms: 4.5,
    drift_findings: null,
    ...over,
  };
}

const minute = (number: number) => new Date(Date.UTC(2026, 0, 1) + number * 60_000).toISOString();

test("what was added is there for the next one who opens the file, oldest first", async () => {
  const file = join(folder, "kept", "dev.sqlite");
  const first = await openHistory(file);
  for (const number of [2, 0, 1]) await first.add(aRun(minute(number)));
  await first.add(aRun(minute(1), { unhealthy_buckets: 3 }));
  await first.add(aRun(minute(5), { stage: "production" }));
  await first.close();
  const second = await openHistory(file);
  expect((await second.last(of, 2)).map(({ at }) => at)).toEqual([minute(1), minute(2)]);
  expect(await second.last(of, 10)).toEqual([0, 1, 2].map((number) => aRun(minute(number))));
  await second.close();
});

test.each([
  ["no database at all", (file: string) => writeFileSync(file, "x".repeat(5000))],
  ["cut in the middle", (file: string) => truncateSync(file, 5000)],
])("a corrupt file is set aside and told, never deleted: %s", async (_, spoil) => {
  const file = join(folder, `spoiled-${Math.random()}.sqlite`);
  const before = await openHistory(file);
  for (let number = 0; number < 50; number++) await before.add(aRun(minute(number)));
  await before.close();
  spoil(file);
  const spoiled = readFileSync(file);
  const told: string[] = [];
  const histories = await Promise.all([1, 2].map(() => openHistory(file, (sentence) => told.push(sentence))));
  await histories[0]?.add(aRun(minute(0)));
  expect(await histories[1]?.last(of, 10)).toHaveLength(1);
  for (const history of histories) await history.close();
  const aside = readdirSync(folder).filter((name) => name.startsWith(`${file.slice(folder.length + 1)}.corrupt-`));
  expect(aside).toHaveLength(1);
  expect(readFileSync(join(folder, aside[0] ?? ""))).toEqual(spoiled);
  expect(told).toEqual([expect.stringContaining(`was corrupt: it lies in ${join(folder, aside[0] ?? "")} now`)]);
});

test("a file of another program, and one of a later version, are refused and stay as they are", async () => {
  const foreign = join(folder, "foreign.sqlite");
  const database = new DatabaseSync(foreign);
  database.exec("create table theirs (a)");
  database.close();
  const before = readFileSync(foreign);
  await expect(openHistory(foreign)).rejects.toThrow(
    `history ${foreign} is a database of another program; name another`,
  );
  expect(readFileSync(foreign)).toEqual(before);
  const later = join(folder, "later.sqlite");
  await (await openHistory(later)).close();
  const changed = new DatabaseSync(later);
  changed.exec("pragma user_version = 2");
  changed.close();
  await expect(openHistory(later)).rejects.toThrow("was written by a later version of bucketworks");
});

test("a new history is readable by its owner alone, wherever it lies", async () => {
  const file = join(folder, "own.sqlite");
  const history = await openHistory(file);
  await history.add(aRun(minute(0)));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await history.close();
});

test("a folder that can't be made is refused in a sentence: a report goes on without a history", async () => {
  const file = join(folder, "no-folder");
  writeFileSync(file, "");
  await expect(openHistory(join(file, "dev.sqlite"))).rejects.toThrow(DatabaseFault);
});

test.each(["postgresql://u:p%zzhidden@h/db", "postgresql://u:hidden@a b/db", "postgresql://u:hidden@h:99999/db"])(
  "an address that is none is refused in a sentence without its password: %s",
  async (url) => {
    const fault = await openHistory(url).catch((error: Error) => error);
    expect(fault).toBeInstanceOf(DatabaseFault);
    expect((fault as Error).message).toBe(
      "history: must be postgresql://USER@HOST:PORT/DATABASE; fix BUCKETWORKS_HISTORY",
    );
  },
);

test("a folder in its place is refused in a sentence", async () => {
  await expect(openHistory(folder)).rejects.toThrow(/^history .* can't be used: unable to open database file; /);
});

test("runs older than 400 days go, but never the last 1000", async () => {
  const file = join(folder, "bounded.sqlite");
  const history = await openHistory(file);
  // At once: each that is added waits for the disk.
  const database = new DatabaseSync(file);
  database.exec("begin");
  const insert = database.prepare("insert into runs (stage, server, at, summary) values (?, ?, ?, ?)");
  for (let number = 0; number < 1010; number++) {
    insert.run(of.stage, of.server, minute(number), JSON.stringify(aRun(minute(number))));
  }
  database.exec("commit");
  database.close();
  await history.add(aRun(minute(390 * 1440)));
  expect(await history.last(of, 5000)).toHaveLength(1011);
  await history.add(aRun(minute(500 * 1440)));
  const runs = await history.last(of, 5000);
  expect(runs).toHaveLength(1000);
  expect(runs[0]?.at).toBe(minute(12));
  await history.close();
});

test("two processes at once, each killed in the middle, lose nothing that they had added", async () => {
  const file = join(folder, "killed.sqlite");
  const program = join(folder, "adds.ts");
  const open = join(import.meta.dirname, "..", "..", "history", "open-history.ts");
  writeFileSync(
    program,
    `const { openHistory } = await import(${JSON.stringify(open)});
const history = await openHistory(process.argv[2]);
for (let second = 0; ; second++) {
  const at = new Date(Date.UTC(2026, 0, 1) + second * 1000 + Number(process.argv[3])).toISOString();
  await history.add({ ...${JSON.stringify(aRun(""))}, at });
  process.stdout.write(at + "\\n");
}`,
  );
  const added = await Promise.all(
    [1, 2].map(async (number) => {
      const child = spawn(process.execPath, [program, file, String(number)], { stdio: ["ignore", "pipe", "inherit"] });
      let out = "";
      child.stdout.on("data", (chunk) => {
        out += chunk;
        if (out.split("\n").length > 20) child.kill("SIGKILL");
      });
      await once(child, "close");
      return out.split("\n").filter((line) => line.endsWith("Z"));
    }),
  );
  const history = await openHistory(file);
  const kept = (await history.last(of, 10_000)).map(({ at }) => at);
  await history.close();
  expect(added.flat().length).toBeGreaterThan(39);
  expect(kept).toEqual(expect.arrayContaining(added.flat()));
});
