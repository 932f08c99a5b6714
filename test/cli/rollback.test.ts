import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { keptPlatform, keptText } from "../../builders/kept-model.ts";
import type { BackendFiles } from "../../cli/history/backend-files.ts";
import { backendFiles } from "../../cli/history/backend-files.ts";
import { keptIn, keptPlatforms } from "../../cli/history/kept.ts";
import { lastDeployed, updatesOf } from "../../cli/history/updates.ts";
import { removalRefusals } from "../../cli/rollback/refusals.ts";
import { wantedUpdate } from "../../cli/rollback/wanted.ts";
import { afterwards } from "../../cli/rollback/ways-back.ts";
import type { ResolvedModel } from "../../config/model.ts";
import type { Removal } from "../../review/removals.ts";
import { modelOf } from "../support/spec.ts";
import { platformFile } from "../support/specs.ts";

const model = modelOf(platformFile("      - {name: orders, description: d}"));
const other = modelOf(platformFile("      - {name: invoices, description: d}"));

/** The checkpoint that an update of a model leaves. */
function stateOf({ platforms, ...about }: ResolvedModel, change: (kept: object) => unknown = (kept) => kept): string {
  const resources = platforms.map((platform) => ({
    type: "bucketworks:storage:Platform",
    urn: `urn:pulumi:dev::bucketworks::bucketworks:storage:Platform::${platform.name}`,
    outputs: { kept: change(keptPlatform({ ...about, platforms }, platform)) },
  }));
  const stack = { type: "pulumi:pulumi:Stack", outputs: { images: { workloads: "r/w@sha256:1" } } };
  return JSON.stringify({ version: 3, checkpoint: { latest: { resources: [stack, ...resources] } } });
}

/** A backend with these updates, in this order. */
function backend(
  ...updates: { state: string; kind?: string; result?: string; environment?: Record<string, string> }[]
): BackendFiles {
  const files = new Map<string, string>(
    updates.flatMap(({ state, kind = "update", result = "succeeded", environment = {} }, index) => {
      const about = {
        kind,
        result,
        startTime: 1_796_000_000 + index,
        endTime: 1_796_000_001 + index,
        environment,
      };
      const name = `dev-${1_796_000_000 + index}000000000`;
      return [
        [`${name}.history.json`, JSON.stringify(about)],
        [`${name}.checkpoint.json`, state],
      ] as const;
    }),
  );
  return {
    list: async () => [...files.keys()].reverse(),
    read: async (path) => files.get(path.split("/").at(-1) ?? "") ?? "",
  };
}

const wanted = async (name: number | string, ...updates: Parameters<typeof backend>) =>
  wantedUpdate(await updatesOf(backend(...updates), "bucketworks", "dev"), "dev", String(name));

describe("the model that a state keeps", () => {
  test("comes back as it was, with one digest for all platforms, whatever the order of its keys", () => {
    const kept = keptIn(stateOf(model));
    expect(kept.model()).toEqual(model);
    expect(kept.images).toEqual({ workloads: "r/w@sha256:1" });
    const turned = Object.fromEntries(Object.entries(model).reverse()) as unknown as ResolvedModel;
    expect(keptIn(stateOf(turned)).specDigest).toBe(kept.specDigest);
    expect(keptIn(stateOf(other)).specDigest).not.toBe(kept.specDigest);
  });

  test("that is cut off or altered is found", () => {
    const [platform] = model.platforms;
    if (platform === undefined) throw new Error("no platform");
    const kept = keptPlatform(model, platform);
    expect(keptText({ ...kept, model: kept.model.slice(0, 40) })).toBeUndefined();
    expect(keptText({ ...kept, model: gzipSync("{}").toString("base64") })).toBeUndefined();
    expect(keptText(kept)).toContain('"orders"');
  });
});

test("what only looked, as bucketworks drift does, is no update: it has a number, and nothing lists it", async () => {
  const looked = { state: stateOf(model), kind: "refresh", environment: { "pulumi.flag.preview-only": "true" } };
  const files = backend({ state: stateOf(model) }, looked, { state: stateOf(other) }, looked);
  const updates = await updatesOf(files, "bucketworks", "dev");
  expect(updates.map(({ number, kind }) => [number, kind])).toEqual([
    [1, "update"],
    [3, "update"],
  ]);
  await expect(wanted(2, { state: stateOf(model) }, looked, { state: stateOf(other) })).rejects.toThrow(/no update 2/);
});

test("an update of keys alone keeps what the last update deployed that went well: no failed one, no refresh after it", async () => {
  const failed = { state: stateOf(other), result: "failed" };
  const files = backend({ state: stateOf(model) }, failed, { state: stateOf(other), kind: "refresh" });
  const last = await lastDeployed(files, "bucketworks", "dev");
  expect(last?.number).toBe(1);
  const [platform] = model.platforms;
  if (platform === undefined) throw new Error("no platform");
  const text = await last?.state();
  expect(keptPlatforms(String(text))).toEqual({ [platform.name]: keptPlatform(model, platform) });
  expect(await lastDeployed(backend(failed), "bucketworks", "dev")).toBeUndefined();
});

describe("what can't be gone back to is said with the reason, and the commit where git has that moment", () => {
  const commit = { "git.head": "c0ffee", "git.dirty": "false" };
  const version2 = (kept: object) => {
    const text = JSON.stringify({ ...model, schemaVersion: 2 });
    const [platform] = model.platforms;
    const { specDigest } = keptPlatform(JSON.parse(text), platform as never);
    const sorted = keptText(keptPlatform(JSON.parse(text), platform as never)) ?? "";
    return { ...kept, specDigest, model: gzipSync(sorted).toString("base64") };
  };

  test.each([
    [
      "an update that failed",
      { state: stateOf(model), result: "failed" },
      /update 1 of stack dev failed, so nobody knows/,
    ],
    [
      "a refresh: of a failed update before it the state has what that one wanted",
      { state: stateOf(model), kind: "refresh" },
      /update 1 of stack dev was a refresh, which deploys nothing/,
    ],
    [
      "one of an older Bucketworks",
      { state: stateOf(model, () => undefined), environment: commit },
      /keeps no model.*git checkout c0ffee/,
    ],
    [
      "a model of another schema version",
      { state: stateOf(model, version2) },
      /schema version 2, and this version .* reads 1/,
    ],
    ["a damaged model", { state: stateOf(model, (kept) => ({ ...kept, model: "bm9uZQ==" })) }, /kept model is damaged/],
    ["a damaged state", { state: '{"version": 3, "checkp' }, /its state is damaged/],
    [
      "a destroyed stack",
      { state: JSON.stringify({ checkpoint: { latest: { resources: [] } } }) },
      /left no resource.*bucketworks destroy/,
    ],
  ])("%s", async (_, update, words) => {
    await expect(wanted(1, update)).rejects.toThrow(words);
    await expect(wanted(1, update)).rejects.toThrow("nothing was changed");
  });

  test("an update that was killed behind its record: the others are read, and this one has no state", async () => {
    const files = backend({ state: stateOf(model), environment: commit }, { state: stateOf(other) });
    const isLost = (name: string) => name.endsWith("dev-1796000000000000000.checkpoint.json");
    const listed: BackendFiles = {
      list: async (folder) => (await files.list(folder)).filter((name) => !isLost(name)),
      read: (path) => (isLost(path) ? Promise.reject(new Error("ENOENT")) : files.read(path)),
    };
    const updates = await updatesOf(listed, "bucketworks", "dev");
    expect(updates.map(({ number }) => number)).toEqual([1, 2]);
    await expect(wantedUpdate(updates, "dev", "1")).rejects.toThrow(/has no state of it; .*git checkout c0ffee/);
    expect((await wantedUpdate(updates, "dev", "2")).model).toEqual(other);
  });

  test("an update that a record before it was taken away from: its id still names it, and its number another", async () => {
    const files = backend({ state: stateOf(model) }, { state: stateOf(other) });
    const all = await updatesOf(files, "bucketworks", "dev");
    const list = async (folder: string) => (await files.list(folder)).filter((name) => !name.includes("-1796000000"));
    const left = await updatesOf({ ...files, list }, "bucketworks", "dev");
    const [{ id: first = "" } = {}, { id: second = "" } = {}] = all;
    expect(left.map(({ number, id }) => [number, id])).toEqual([[1, second]]);
    expect((await wantedUpdate(left, "dev", second)).model).toEqual(other);
    await expect(wantedUpdate(left, "dev", first)).rejects.toThrow(`stack dev has no update ${first}`);
  });

  test("a record that isn't one", async () => {
    const files = { ...backend({ state: "" }), read: async () => "{" };
    await expect(updatesOf(files, "p", "dev")).rejects.toThrow(
      /dev-\d+\.history\.json in the state's backend is damaged/,
    );
  });

  test("a backend whose files can't be read", () => {
    expect(() => backendFiles("https://api.pulumi.com")).toThrow(
      /backend of kind https, whose former states can't be read here/,
    );
  });
});

test("the stack is what the last update that went well left: a failed one in between says nothing, after a destroy it is empty", async () => {
  const failed = { state: stateOf(model), result: "failed" };
  expect((await wanted(1, { state: stateOf(model) }, { state: stateOf(other) }, failed)).now).toEqual(other);
  const destroyed = { state: JSON.stringify({ checkpoint: { latest: null } }) };
  expect((await wanted(1, { state: stateOf(model) }, destroyed)).now.platforms).toEqual([]);
});

describe("a rollback is refused for a bucket that it would delete", () => {
  const removal: Removal = {
    bucket: "b",
    platform: "p",
    onDelete: "delete_if_empty",
    protect: false,
    preview: "deletes",
    inBase: true,
  };
  const held = (isEmpty: boolean) =>
    new Map([["b", { kind: "held", holdings: "1 object", complete: true, isEmpty } as const]]);

  test.each([
    [
      "while it holds anything",
      removal,
      held(false),
      /would be deleted \(on_delete: delete_if_empty\) and holds 1 object/,
    ],
    ["and that could not be counted", removal, new Map(), /could not be counted/],
    [
      "with purge, too, while it holds anything",
      { ...removal, onDelete: "purge" },
      held(false),
      /bucketworks purge has the two keys/,
    ],
    [
      "and make again, even a retained one",
      { ...removal, onDelete: "retain", preview: "replaces" },
      held(false),
      /on_delete: retain/,
    ],
    ["although it is protected", { ...removal, protect: true }, held(true), /is protected/],
  ] as const)("%s", (_, each, contents, words) => {
    expect(removalRefusals([each], contents)).toEqual([expect.stringMatching(words)]);
  });

  test.each([
    ["that is empty", removal, held(true)],
    ["that is gone already", removal, new Map([["b", { kind: "absent" } as const]])],
    ["that only leaves the stack: it is retained", { ...removal, onDelete: "retain" }, held(false)],
    ["that the stack doesn't have", { ...removal, preview: "leaves" }, held(false)],
  ] as const)("but not for one %s", (_, each, contents) => {
    expect(removalRefusals([each], contents)).toEqual([]);
  });
});

test("what doesn't come back is named: specs, objects, what migrations dropped, images", async () => {
  const environment = { "git.head": "c0ffee", "git.dirty": "true" };
  const [platform] = model.platforms;
  const withDatabase = { ...model, platforms: [{ ...platform, database: { name: "d", roles: [] } }] } as ResolvedModel;
  const dirty = await wanted(1, { state: stateOf(withDatabase), environment });
  const lines = afterwards(dirty, "config/platforms").join("\n");
  for (const words of ["in no commit", "object deleted or overwritten", "dropped column", "r/w@sha256:1"])
    expect(lines).toContain(words);
  const clean = await wanted(1, { state: stateOf(model), environment: { "git.head": "c0ffee" } });
  const said = afterwards(clean, "config/platforms").join("\n");
  expect(said).toContain("git checkout c0ffee -- config/platforms");
  expect(said).not.toContain("column");
});
