import { describe, expect, test } from "vitest";
import { archiveScript, type BackupPlace, restoreScript, scriptCommand } from "../../../builders/postgres/barman.ts";
import { lossBefore } from "../../../cli/database/live-server.ts";
import { barmanSentence } from "../../../database/backup/barman-fault.ts";
import { baseFor, isTooOld, readCatalogue } from "../../../database/backup/catalog.ts";
import { judgeRecovery, newOfTimeline, readMoment, recoverySettings } from "../../../database/backup/recovery.ts";
import { FIRST_TIMELINE } from "../../../database/backup/timelines.ts";

const PLACE: BackupPlace = {
  python: "/a b/python",
  endpoint: "http://127.0.0.1:9000",
  region: "us-east-1",
  bucket: "backups",
  prefix: "databases/",
  server: "local-1",
  credentials: "/a b/credentials",
  scratch: "/a b/scratch",
};

function entry(id: string, hour: string, status = "DONE"): object {
  const time = (minute: string): string => `2026-11-30T${hour}:${minute}:00+00:00`;
  const log = { timeline: 1, begin_wal: "000000010000000000000003", end_xlog: "0/3000100" };
  return { backup_id: id, status, begin_time_iso: time("00"), end_time_iso: time("10"), cluster_size: 7, ...log };
}

describe("the catalogue", () => {
  const unended = { backup_id: "c", status: "DONE", begin_time_iso: "2026-11-30T03:00:00+00:00", end_time_iso: null };
  const backups_list = [entry("b", "02"), entry("a", "01"), entry("f", "04", "FAILED"), unended];
  const { whole, broken } = readCatalogue(JSON.stringify({ backups_list }));

  test("has whole base backups by their age, and those that failed or never ended apart", () => {
    expect(whole.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(broken).toEqual(["c", "f"]);
  });

  test("a moment is restored from the newest base backup that was whole by then", () => {
    const at = (time: string): string | undefined =>
      baseFor(whole, new Date(`2026-11-30T${time}Z`), FIRST_TIMELINE)?.id;
    expect([at("02:10"), at("02:09"), at("01:09")]).toEqual(["b", "a", undefined]);
    expect(baseFor(whole, null, FIRST_TIMELINE)?.id).toBe("b");
  });

  test("is too old where its newest base backup is older than alerts allow", () => {
    const at = (time: string): boolean => isTooOld(whole.at(-1), 3600, new Date(`2026-11-30T${time}Z`));
    expect([at("03:10"), at("03:10:01")]).toEqual([false, true]);
    expect(isTooOld(undefined, 3600, new Date())).toBe(false);
  });

  test("anything but a catalogue is an error", () => expect(() => readCatalogue("{}")).toThrow());
});

describe("the moment of --to", () => {
  const now = new Date("2026-11-30T12:00:00Z");
  test.each([
    ["2026-11-20T10:00Z", "2026-11-20T10:00:00.000Z"],
    ["2026-11-20 10:00:01.5Z", "2026-11-20T10:00:01.500Z"],
    ["2026-11-20T10:00+02:00", "2026-11-20T08:00:00.000Z"],
  ])("%s is one", (text, moment) => expect(readMoment(text, now)).toEqual(new Date(moment)));

  test.each([
    ["2026-11-20T10:00", "has no time zone"],
    ["2026-13-40T10:00Z", "is no day or no time"],
    ["2026-02-30T10:00Z", "is no day or no time"],
    ["2026-11-30T12:00:01Z", "lies in the future"],
    ["20 November", "must be a moment like"],
    ["", "must be a moment like"],
  ])("%j is refused", (text, reason) => expect(readMoment(text, now)).toContain(reason));
});

describe("a recovery", () => {
  const last = "LOG:  last completed transaction was at log time 2026-11-30 10:00:01.25+00\n";

  test("that serves has reached its moment, and knows its last transaction", () =>
    expect(judgeRecovery(last, true)).toMatchObject({ outcome: "reached", last: new Date("2026-11-30T10:00:01.25Z") }));

  test.each([
    ["FATAL:  recovery ended before configured recovery target was reached", "short"],
    ["FATAL:  requested recovery stop point is before consistent recovery point", "early"],
    ["backup: the store couldn't be asked for 000000010000000000000003 (Barman ended with 4)\nFATAL:  x", "unread"],
    ["FATAL:  requested timeline 2 is not a child of this server's history", "left"],
    ["FATAL:  requested timeline 2 does not contain minimum recovery point 0/5000028 on timeline 1", "left"],
    ["FATAL:  could not open file", "failed"],
    ["", "failed"],
  ])("that said %j ended so", (log, outcome) => expect(judgeRecovery(last + log, false).outcome).toBe(outcome));

  test("leaves for the archive what it wrote of its timeline: never the segment in use, nor one that waits to be", () => {
    const at = (timeline: number, segment: number): string => `0000000${timeline}00000000000000${segment}F`;
    const files = [
      "archive_status",
      "00000001.history",
      "00000002.history",
      at(1, 1),
      at(2, 3),
      at(2, 1),
      at(2, 2),
      at(2, 4),
    ];
    expect(newOfTimeline(files, at(2, 3))).toEqual(["00000002.history", at(2, 1), at(2, 2)]);
  });

  test("never archives, and stops at its moment", () => {
    const moment = new Date("2026-11-20T10:00:00Z");
    expect(recoverySettings("fetch", moment)).toMatchObject({
      archive_mode: "off",
      recovery_target_time: "2026-11-20 10:00:00.000+00",
      recovery_target_action: "promote",
    });
    expect(recoverySettings("fetch", null)).not.toHaveProperty("recovery_target_time");
  });
});

describe("what would be lost with the server", () => {
  const at = new Date("2026-11-30T12:00:00Z");
  const lastArchived = new Date("2026-11-30T11:59:30Z");

  test("is what it wrote since its newest archived segment, and nothing where nothing waits", () => {
    expect(lossBefore(at, { waiting: 7, lastArchived })).toBe(30);
    expect(lossBefore(at, { waiting: 0, lastArchived })).toBe(0);
  });

  test("isn't known where it doesn't tell what it archived: after a crash nothing waits, it seems", () => {
    expect(lossBefore(at, { waiting: null, lastArchived: null })).toBeNull();
    expect(lossBefore(at, { waiting: null, lastArchived })).toBeNull();
  });
});

describe("the scripts that PostgreSQL calls", () => {
  test("hold no key, and quote every path", () => {
    const script = archiveScript(PLACE);
    expect(script).toContain("AWS_SHARED_CREDENTIALS_FILE='/a b/credentials'");
    expect(script).toContain(`exec '/a b/python' -m barman.clients.cloud_walarchive -q`);
    expect(script).toContain(`s3://backups/databases local-1 "$1"`);
  });

  test("only a segment that the store doesn't have ends the log: what failed otherwise ends the recovery", () => {
    expect(restoreScript(PLACE)).toMatch(/\[ "\$code" -ne 1 \] \|\| exit 1\n[\s\S]*exit 255\n/);
    // Barman takes a segment out of /var/tmp otherwise, also one that somebody else left there.
    expect(restoreScript(PLACE)).toContain("--spool-dir '/a b/scratch/spool'");
  });

  test("are named so that PostgreSQL takes no % of a path for its own", () =>
    expect(scriptCommand("/50% off/it's.sh", "%p")).toBe(`/bin/sh '/50%% off/it'\\''s.sh' "%p"`));
});

describe("what Barman said", () => {
  test.each([
    [
      "ERROR: An error occurred (SignatureDoesNotMatch) when calling the PutObject operation",
      "the store refuses the key",
    ],
    ["ERROR: Could not connect to the endpoint URL", "the store doesn't answer"],
    ["ERROR: An error occurred (NoSuchBucket) when calling", "the store has no such bucket"],
    ["ERROR: [Errno 28] No space left on device", "the disk here is full"],
    ["Traceback\nValueError: odd", "fix that, then run it again"],
    ["", "Barman ended with 4"],
  ])("%j becomes one sentence", (said, words) => {
    const sentence = barmanSentence("the base backup", 4, said);
    expect(sentence).toContain(words);
    expect(sentence).not.toContain("\n");
  });
});
