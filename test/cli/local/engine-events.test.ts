import { expect, test } from "vitest";
import { readEvent } from "../../../cli/pulumi/events.ts";

const URN = "urn:pulumi:dev::bucketworks::bucketworks:storage:Platform$bucketworks:index:Bucket::orders";
const event = (body: object): string => JSON.stringify({ sequence: 1, timestamp: 1, ...body });
const diagnostic = (severity: string, message: string, urn?: string): string =>
  event({ diagnosticEvent: { severity, message, urn, prefix: `${severity}: `, color: "never" } });
const outputs = (op: string, type = "bucketworks:index:Bucket"): string =>
  event({ resOutputsEvent: { metadata: { op, type, urn: URN } } });

test("a message names its resource unless it does so itself", () => {
  const error = (text: string) => ({ kind: "message", severity: "error", text });
  expect(readEvent(diagnostic("error", "quota is too small\n", URN))).toEqual(error("orders: quota is too small"));
  expect(readEvent(diagnostic("error", "bucket orders exists", URN))).toEqual(error("bucket orders exists"));
  expect(readEvent(diagnostic("error", "no", "urn:x::y::pulumi:pulumi:Stack::bucketworks-dev"))).toEqual(error("no"));
  expect(readEvent(diagnostic("info#err", "hint"))).toEqual({ kind: "message", severity: "info", text: "hint" });
});

test("what only the engine's makers want to know is left out", () => {
  expect(readEvent(diagnostic("debug", "RegisterResource RPC prepared"))).toBeUndefined();
  expect(readEvent(diagnostic("error", "\n"))).toBeUndefined();
  expect(readEvent(event({ preludeEvent: { config: {} } }))).toBeUndefined();
  expect(readEvent("")).toBeUndefined();
});

test("a step counts as a change when it changed something, and the stack itself never does", () => {
  const change = (op: string) => ({ kind: "changed", op, type: "Bucket", name: "orders" });
  for (const op of ["create", "update", "delete", "replace"]) expect(readEvent(outputs(op))).toEqual(change(op));
  for (const op of ["same", "refresh", "read"]) expect(readEvent(outputs(op))).toBeUndefined();
  expect(readEvent(outputs("create", "pulumi:pulumi:Stack"))).toBeUndefined();
});

test("the summary counts what stayed the same", () => {
  expect(readEvent(event({ summaryEvent: { resourceChanges: { same: 3 }, durationSeconds: 2 } }))).toEqual({
    kind: "summary",
    changes: { same: 3 },
    seconds: 2,
  });
});

test("text that isn't an event is handed on: the engine speaks plainly before its stream begins", () => {
  expect(readEvent("error: incorrect passphrase")).toBe("error: incorrect passphrase");
  expect(readEvent("{cut off")).toBe("{cut off");
});
