import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keptEvent } from "../../review/preview-events.ts";
import { type Preview, readPreview } from "../../review/read-preview.ts";
import { previewEvents } from "../support/preview-events.ts";
import { modelOf } from "../support/spec.ts";

const CANARY = "canary-5f2b9c";
const URN = "urn:pulumi:dev::bucketworks::bucketworks:storage:Platform$";

function read(...events: readonly (object | string)[]): Preview {
  const lines = events.map((event) => (typeof event === "string" ? event : JSON.stringify(event)));
  const preview = readPreview(lines.join("\n"));
  if (typeof preview === "string") throw new Error(preview);
  return preview;
}

function step(op: string, type: string, name: string, more: object = {}): object {
  return { resourcePreEvent: { metadata: { op, urn: `${URN}${type}::${name}`, type, old: null, new: null, ...more } } };
}

const SUMMARY = { summaryEvent: { resourceChanges: { create: 1 }, isPreview: true, result: "succeeded" } };

test("events of the pinned engine are read: steps, policies, diagnostics, the result", () => {
  const stream = readFileSync(join(import.meta.dirname, "../fixtures/previews/3.258.0.jsonl"), "utf8");
  const preview = readPreview(stream);
  expect(preview).toMatchObject({ stack: "dev", result: "failed", unreadable: 0 });
  if (typeof preview === "string") return;
  expect(preview.counts).toEqual({ create: 3, delete: 1, same: 7, update: 1 });
  expect(preview.steps.map(({ op, type, name }) => `${op} ${type} ${name}`)).toEqual([
    "create Bucket three",
    "update Bucket one",
    "create IamUser base/bob",
    "create IamUserPolicyAttachment base/bob/base-reader",
    "delete Bucket two",
  ]);
  expect(preview.policies).toContainEqual({
    policy: "no-short",
    level: "mandatory",
    severity: "high",
    resource: "three",
    message: "retention is not short\nbucket three keeps only 3 days; write 30\nsecond line\n",
  });
  expect(preview.policies.find(({ level }) => level === "advisory")).toMatchObject({ resource: undefined });
  expect(preview.buckets.get("two")).toMatchObject({
    op: "delete",
    old: { declared: { onDelete: "delete_if_empty" } },
  });
});

test("events of kinds that nobody knows change nothing, known ones in another form are counted", () => {
  const known = [step("create", "bucketworks:index:Bucket", "b"), SUMMARY];
  const plain = read(...known);
  expect(read({ sequence: 0, futureEvent: { a: 1 } }, ...known, { cancelEvent: {} })).toEqual(plain);
  const odd = [{ resourcePreEvent: { operation: "create" } }, { policyEvent: { text: "no" } }];
  expect(read(...known, ...odd)).toEqual({ ...plain, unreadable: 2 });
  expect(read(...[...known, ...odd].map((event) => keptEvent(JSON.stringify(event)) ?? ""))).toMatchObject({
    unreadable: 2,
  });
});

test("a stream that breaks off, within a line or between two, is incomplete", () => {
  const whole = previewEvents(modelOf("bucket_groups: {}", "production"), modelOf(SPEC, "production"));
  const lines = whole.trimEnd().split("\n");
  const upTo = (count: number): string => lines.slice(0, count).join("\n");
  expect(readPreview(upTo(2))).toMatchObject({ result: "incomplete", steps: [{ op: "create", name: "a-bucket" }] });
  expect(readPreview(`${upTo(2)}\n${lines[2]?.slice(0, 20)}`)).toMatchObject({ result: "incomplete" });
  expect(readPreview(whole)).toMatchObject({ result: "succeeded" });
});

const SPEC = "bucket_groups: {g: {buckets: [{name: a-bucket}]}}";

test.each([
  ["an empty file", "", "no events"],
  ["the report of plain --json", '{\n  "steps": [\n    {"op": "same"}\n  ]\n}', "no events"],
  ["a report on one line", '{"steps":[],"changeSummary":{}}', "no events"],
  ["text", "error: no stack", "no events"],
  ["a list", '[{"summaryEvent":{}}]', "no events"],
  ["an update", '{"summaryEvent":{"isPreview":false,"result":"succeeded"}}', "an update's events"],
])("%s is no preview", (_what, text, why) => {
  expect(readPreview(text)).toBe(why);
});

test("a failure before the first step is a failed preview with its reason", () => {
  const reason = "error: getting stack configuration: get stack secrets manager: incorrect passphrase";
  expect(read({ errorEvent: { error: reason } })).toMatchObject({
    stack: null,
    result: "incomplete",
    diagnostics: [{ severity: "error", message: reason }],
  });
});

test("a resource deleted under one parent and made under another is replaced", () => {
  const [one, other] = ["a", "b"].map((parent) => `urn:pulumi:dev::p::${parent}$bucketworks:index:Bucket::same`);
  const type = "bucketworks:index:Bucket";
  const steps = [
    { resourcePreEvent: { metadata: { op: "create", urn: one, type } } },
    { resourcePreEvent: { metadata: { op: "delete", urn: other, type } } },
  ];
  expect(read(...steps, SUMMARY).steps).toEqual([{ op: "replace", type: "Bucket", name: "same", diffs: [] }]);
});

test("what is kept of a stream holds no secret, though debug messages and states do, and reads the same", () => {
  const secret = { password: CANARY, nested: { token: CANARY } };
  const state = { inputs: secret, outputs: secret };
  const bucket = { inputs: { bucket: "b", tags: {} }, outputs: secret, id: CANARY };
  const events = [
    { preludeEvent: { config: { "bucketworks:rootPassword": CANARY } } },
    { diagnosticEvent: { severity: "debug", message: `rootPassword ${CANARY}` } },
    { diagnosticEvent: { severity: "info", message: CANARY } },
    { diagnosticEvent: { severity: "error", message: "a fault", prefix: CANARY } },
    step("update", "minio:index/iamUser:IamUser", "p/u", { old: state, new: state, diffs: ["secret"] }),
    step("update", "bucketworks:index:Bucket", "b", { old: bucket, new: bucket, diffs: ["tags"] }),
    {
      resOutputsEvent: {
        metadata: { op: "same", urn: "urn:pulumi:dev::p::pulumi:pulumi:Stack::s", type: "s", new: state },
      },
    },
    { resOpFailedEvent: { metadata: { op: "update", new: state } } },
    { policyRemediationEvent: { before: secret, after: secret } },
    SUMMARY,
  ];
  const lines = events.map((event) => JSON.stringify(event));
  const kept = lines.flatMap((line) => keptEvent(line) ?? []);
  expect(lines.join("\n").split(CANARY).length).toBeGreaterThan(10);
  expect(kept.join("\n")).not.toContain(CANARY);
  expect(readPreview(kept.join("\n"))).toEqual(readPreview(lines.join("\n")));
  expect(
    JSON.stringify(readPreview(lines.join("\n")), (_key, value) => (value instanceof Map ? [...value] : value)),
  ).not.toContain(CANARY);
});
