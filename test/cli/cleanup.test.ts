import { describe, expect, test } from "vitest";
import { failedCreations } from "../../cli/cleanup/failed.ts";
import { heldBy } from "../../cli/cleanup/held.ts";
import { releases } from "../../cli/cleanup/released.ts";
import type { Update } from "../../cli/history/updates.ts";
import type { StateResource } from "../../cli/recovery/recovery-plan.ts";
import type { Connection } from "../../provider/server/connection.ts";

const began = new Date("2026-11-30T10:00:00Z");
const later = new Date("2026-11-30T10:00:05Z");
const earlier = new Date("2026-11-29T10:00:00Z");

const resource = (bucket: string, more: Partial<StateResource> = {}): StateResource => ({
  urn: `urn:${bucket}`,
  type: "bucketworks:index:Bucket",
  inputs: { bucket },
  ...more,
});
const creating = (bucket: string) => ({ type: "creating", resource: resource(bucket) });

describe("a bucket of a killed creation", () => {
  const existing = {
    buckets: new Map([
      ["made", later],
      ["theirs", earlier],
      ["taken", earlier],
    ]),
    users: new Set<string>(),
    bare: new Set<string>(),
  };
  const deployment = {
    pending_operations: [creating("made"), creating("theirs"), creating("never-made")],
    resources: [
      resource("taken", { id: "taken", initErrors: ["its creation was cut short"] }),
      resource("whole", { id: "whole" }),
      resource("written", { id: "written", initErrors: ["its update was cut short"] }),
    ],
  };

  test("is one that the run made, or that recover has taken over since; one that is older than the run isn't ours", () => {
    expect(failedCreations(deployment, existing, began)).toEqual([
      { bucket: "made", urn: undefined, isOurs: true },
      { bucket: "taken", urn: "urn:taken", isOurs: true },
    ]);
  });

  test("is nobody's where no lock tells when the run began", () => {
    const found = failedCreations(deployment, existing, undefined);
    expect(found.filter(({ isOurs }) => isOurs).map(({ bucket }) => bucket)).toEqual(["taken"]);
  });
});

test("a bucket is released by the update that let it go last; one that came back isn't, and a damaged state says nothing", async () => {
  const update = (day: number, ...names: string[]) =>
    stateful(day, JSON.stringify({ checkpoint: { latest: { resources: names.map((id) => resource(id, { id })) } } }));
  const stateful = (day: number, state: string): Update => ({
    ...{
      number: day,
      id: `u${day}`,
      kind: "update",
      result: "succeeded",
      commit: null,
      isDirty: false,
      isPreview: false,
      message: "",
      changes: {},
    },
    began: new Date(Date.UTC(2026, 10, day)),
    ended: new Date(Date.UTC(2026, 10, day, 1)),
    state: async () => state,
  });
  const gone = await releases([
    update(1, "a", "b", "c"),
    update(2, "b"),
    stateful(3, "{"),
    update(4, "a"),
    update(5, "a"),
  ]);
  expect(gone).toEqual(
    new Map([
      ["c", new Date("2026-11-02T01:00:00Z")],
      ["b", new Date("2026-11-04T01:00:00Z")],
    ]),
  );
});

test("of a bucket without end so much is counted as shows that it isn't empty", async () => {
  const version = { Key: "k", IsLatest: true, Size: 1 };
  let pages = 0;
  const send = async () => {
    pages += 1;
    return { Versions: Array(1000).fill(version), IsTruncated: true, NextKeyMarker: "k" };
  };
  const { held, text } = await heldBy({ s3: { send } } as unknown as Connection, "endless");
  expect([pages, held.bytes]).toEqual([10, 10_000]);
  expect(text).toMatch(/^at least 10,?000 objects, /);
});
