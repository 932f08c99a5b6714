import { describe, expect, test } from "vitest";
import { entryOf, fitting, isAudit } from "../../../cli/logs/entry.ts";
import { masks } from "../../../cli/logs/mask.ts";
import { ROOT } from "../../support/toolchain.ts";

const now = new Date("2026-11-30T06:00:00.000Z");
const source = { service: "minio", platform: "" };
const entry = (line: string) => entryOf(line, source, now, (value) => value);

describe("a line of a log, as the store takes it", () => {
  test("is text where it holds more objects within objects than anybody writes, and takes nobody down", () => {
    const mask = masks(ROOT);
    for (const [open, close] of [
      ['{"a":', "}"],
      ['{"a":[', "]}"],
    ] as const) {
      const deep = `${open.repeat(20_000)}1${close.repeat(20_000)}`;
      const kept = fitting(entryOf(deep, source, now, mask));
      expect(kept).toMatchObject({ level: "unknown", service: "minio", _time: now.toISOString() });
      expect(String(kept._msg)).toMatch(/^\{"a":/);
    }
    const usual = `${'{"a":'.repeat(40)}1${"}".repeat(40)}`;
    expect(fitting(entryOf(usual, source, now, mask))).toMatchObject({ _msg: "(no message)" });
  });

  test("has the fields of a JSON line under the store's names", () => {
    const line = {
      time: "2026-11-30T05:59:59.123456Z",
      level: "WARN",
      message: "m",
      service: "s",
      platform: "p",
      n: 1,
    };
    expect(entry(JSON.stringify({ ...line, correlation_id: "r", deep: { a: [1] } }))).toEqual({
      _time: "2026-11-30T05:59:59.123456Z",
      _msg: "m",
      level: "warning",
      service: "s",
      platform: "p",
      correlation_id: "r",
      n: 1,
      deep: { a: [1] },
    });
  });

  test.each([
    ['{"ts":1796018399.5,"msg":"m","level":"fatal"}', "2026-11-30T05:59:59.500Z", "m", "critical"],
    ['{"timestamp":"2026-11-30T06:59:59+01:00","event":"m"}', "2026-11-30T06:59:59.0+01:00", "m", "unknown"],
    ['{"n":1}', now.toISOString(), "(no message)", "unknown"],
  ])("takes time, message and level of %s by their other names", (line, time, message, level) => {
    expect(entry(line)).toMatchObject({ _time: time, _msg: message, level, service: "minio" });
  });

  test.each([
    ["2026-11-30 05:59:59.123 UTC [7] LOG:  ready", "2026-11-30T05:59:59.123Z"],
    ["ts=2026-11-30T05:59:58.1Z caller=x level=info msg=y", "2026-11-30T05:59:58.1Z"],
    ["INFO: started", now.toISOString()],
    ['{"time": broken', now.toISOString()],
    ["[1, 2]", now.toISOString()],
  ])("keeps %s as text of unknown level", (line, time) => {
    expect(entry(line)).toEqual({ _time: time, _msg: line, level: "unknown", ...source });
  });

  test("gets the time at which it was read where its own lies days ahead or is none", () => {
    for (const time of ["2036-01-01T00:00:00Z", "2026-13-45T00:00:00Z", "soon", 1e15])
      expect(entry(JSON.stringify({ time, message: "m" }))._time).toBe(now.toISOString());
  });

  test("can't set the fields that the store keeps for itself", () => {
    expect(entry('{"_stream":"x","_msg":"m","__time":"t"}')).toMatchObject({
      stream: "x",
      _msg: "m",
      level: "unknown",
    });
  });

  test.each([
    ["long", { deep: "x".repeat(300 * 1024) }],
    ["of many fields", { deep: Object.fromEntries(Array.from({ length: 2001 }, (_, field) => [`f${field}`, 1])) }],
  ])("is cut, and says so, where it is so %s that the store would drop it", (_, more) => {
    const cut = fitting(entry(JSON.stringify({ message: "m", correlation_id: "r", ...more })));
    expect(Object.keys(cut).sort()).toEqual(["_msg", "_time", "correlation_id", "level", "service"]);
    expect(cut._msg).toMatch(/^m \(cut: the line has \d+ bytes in \d+ fields; its log has them\)$/);
    const whole = entry('{"message":"m"}');
    expect(fitting(whole)).toBe(whole);
  });

  test("belongs into the audit trail only where it says so itself", () => {
    expect(isAudit('{"audit": true, "action": "a"}')).toBe(true);
    for (const line of [
      '{"audit": "true"}',
      '{"message": "\\"audit\\": true"}',
      'text "audit": true',
      '{"audit":false}',
    ])
      expect(isAudit(line)).toBe(false);
  });
});
