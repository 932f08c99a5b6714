import { expect, test } from "vitest";
import { engineEvent } from "../../../cli/pulumi/events.ts";

const URN = "urn:pulumi:dev::bucketworks::bucketworks:storage:Platform$bucketworks:index:Bucket::orders";
const event = (body: object): string => JSON.stringify({ sequence: 1, timestamp: 1, ...body });
const diagnostic = (severity: string, message: string, urn?: string): string =>
  event({ diagnosticEvent: { severity, message, urn, prefix: `${severity}: `, color: "never" } });
const outputs = (op: string, type = "bucketworks:index:Bucket"): string =>
  event({ resOutputsEvent: { metadata: { op, type, urn: URN } } });

test("a message names its resource unless it does so itself", () => {
  const error = (text: string) => ({ kind: "message", severity: "error", text });
  expect(engineEvent(diagnostic("error", "quota is too small\n", URN))).toEqual(error("orders: quota is too small"));
  expect(engineEvent(diagnostic("error", "bucket orders exists", URN))).toEqual(error("bucket orders exists"));
  expect(engineEvent(diagnostic("error", "no", "urn:x::y::pulumi:pulumi:Stack::bucketworks-dev"))).toEqual(error("no"));
  expect(engineEvent(diagnostic("info#err", "hint"))).toEqual({ kind: "message", severity: "info", text: "hint" });
});

test("what only the engine's makers want to know is left out", () => {
  expect(engineEvent(diagnostic("debug", "RegisterResource RPC prepared"))).toBeUndefined();
  expect(engineEvent(diagnostic("error", "\n"))).toBeUndefined();
  expect(engineEvent(event({ preludeEvent: { config: {} } }))).toBeUndefined();
  expect(engineEvent("")).toBeUndefined();
});

test("a step counts as a change when it changed something, and the stack itself never does", () => {
  const change = (op: string) => ({ kind: "changed", op, type: "Bucket", name: "orders" });
  for (const op of ["create", "update", "delete", "replace"]) expect(engineEvent(outputs(op))).toEqual(change(op));
  for (const op of ["same", "refresh", "read"]) expect(engineEvent(outputs(op))).toBeUndefined();
  expect(engineEvent(outputs("create", "pulumi:pulumi:Stack"))).toBeUndefined();
});

test("the summary counts what stayed the same", () => {
  expect(engineEvent(event({ summaryEvent: { resourceChanges: { same: 3 }, durationSeconds: 2 } }))).toEqual({
    kind: "summary",
    changes: { same: 3 },
  });
});

test("text that isn't an event is handed on: the engine speaks plainly before its stream begins", () => {
  expect(engineEvent("error: incorrect passphrase")).toBe("error: incorrect passphrase");
  expect(engineEvent("{cut off")).toBe("{cut off");
});

test("what a policy refuses is an error in the rule's own sentence; its advice isn't", () => {
  const said = (enforcementLevel: string) =>
    event({
      policyEvent: {
        ...{ policyName: "bucket-quota", policyPackName: "p", enforcementLevel, color: "never" },
        message: "every bucket has a quota\nbucket orders has no quota; set quota\n",
      },
    });
  const text = "bucket-quota: bucket orders has no quota; set quota";
  expect(engineEvent(said("mandatory"))).toEqual({ kind: "message", severity: "error", text });
  expect(engineEvent(said("advisory"))).toBeUndefined();
});
