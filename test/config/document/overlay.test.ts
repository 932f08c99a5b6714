import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSpec } from "../../../config/document/load.ts";
import { mergeOverlay, splitLayers } from "../../../config/document/overlay.ts";
import type { Node } from "../../../config/document/source-tree.ts";
import { faultsOf, modelOf } from "../../support/spec.ts";

const FILE = `bucket_groups:
  raw:
    retention_days: 90
    quota: 5GiB
    buckets:
      - {name: a-bucket, tags: {owner: me, layer: L0}, public_read: [a/, b/]}
      - {name: b-bucket, retention_days: 30}
`;

const inDev = (overlay: string): string => `${FILE}environments:\n  dev:\n    bucket_groups:\n${overlay}`;
const bucketsOf = (text: string, stage: string) => modelOf(text, stage).platforms[0]?.buckets ?? [];

describe("an overlay", () => {
  test("merges first: a bucket's own value wins over the group's value from the overlay", () => {
    const buckets = bucketsOf(inDev("      raw: {retention_days: 7, quota: null}\n"), "dev");
    expect(buckets.map(({ name, retentionDays, quotaBytes }) => [name, retentionDays, quotaBytes])).toEqual([
      ["a-bucket", 7, null],
      ["b-bucket", 30, null],
    ]);
  });

  test("touches no other stage", () => {
    const text = inDev("      raw: {retention_days: 7}\n");
    expect(bucketsOf(text, "production")).toEqual(bucketsOf(FILE, "production"));
  });

  test("merges buckets by name and maps by key, and replaces other lists", () => {
    const overlay = "      raw: {buckets: [{name: a-bucket, tags: {owner: you}, public_read: [c/]}]}\n";
    const [a, b] = bucketsOf(inDev(overlay), "dev");
    expect(a).toMatchObject({ tags: { owner: "you", layer: "L0" }, publicRead: ["c/"], retentionDays: 90 });
    expect(b).toMatchObject({ name: "b-bucket", retentionDays: 30 });
  });

  test("adds a bucket and a group, which must be whole", () => {
    const overlay = "      raw: {buckets: [{name: c-bucket}]}\n      more: {buckets: [{name: d-bucket}]}\n";
    expect(bucketsOf(inDev(overlay), "dev").map(({ name }) => name)).toEqual([
      "a-bucket",
      "b-bucket",
      "c-bucket",
      "d-bucket",
    ]);
    expect(faultsOf(inDev("      more: {layer: L0}\n"))).toEqual([
      "11:7 missing-key environments.dev.bucket_groups.more.buckets: buckets is missing (in stage dev); add buckets",
    ]);
  });

  test("removes a whole group, or minio_config", () => {
    expect(bucketsOf(inDev("      raw: null\n"), "dev")).toEqual([]);
    const text = "minio_config: {endpoint: minio:9000}\nenvironments: {dev: {minio_config: null}}\n";
    expect(modelOf(text, "dev").connection).toBeNull();
    expect(modelOf(text, "test").connection).toEqual({ endpoint: "minio:9000", secure: true, region: "us-east-1" });
  });
});

describe("a fault", () => {
  test("inside an overlay is placed in the overlay", () => {
    expect(faultsOf(inDev("      raw: {retention_days: 0}\n"))).toEqual([
      "11:29 out-of-range environments.dev.bucket_groups.raw.retention_days: must be at least 1, got 0 (in stage dev); to have none, remove the key",
    ]);
  });

  test("of the base document is told once, without a stage", () => {
    const text = inDev("      raw: {layer: L0}\n").replace("90", "-90");
    expect(faultsOf(text)).toEqual([
      "3:21 out-of-range bucket_groups.raw.retention_days: must be at least 1, got -90; to have none, remove the key",
    ]);
  });

  test("that only the merged result has points at the overlay's line", () => {
    const text = `bucket_groups:
  raw:
    versioning: true
    buckets:
      - {name: a-bucket, object_lock: {mode: governance, days: 1}}
environments:
  dev: {bucket_groups: {raw: {versioning: false}}}
  test: {bucket_groups: {raw: {versioning: null}}}
`;
    const message = 'object_lock needs versioning, bucket "a-bucket" has none';
    const fix = "write versioning: true, or remove object_lock";
    expect(faultsOf(text)).toEqual([
      `7:43 lock-without-versioning environments.dev.bucket_groups.raw.versioning: ${message} (in stage dev); ${fix}`,
      `8:32 lock-without-versioning environments.test.bucket_groups.raw.versioning: ${message} (in stage test); ${fix}`,
    ]);
  });
});

describe("merging", () => {
  const key = fc.constantFrom("a", "b", "c");
  const value = fc.letrec((tie) => ({
    map: fc.dictionary(key, tie("any"), { maxKeys: 3 }),
    any: fc.oneof(
      { maxDepth: 3 },
      fc.integer({ min: 0, max: 9 }),
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 2 }),
      tie("map"),
    ),
  }));
  const trees = (base: unknown, overlay: unknown) => {
    const text = JSON.stringify({ ...(base as object), environments: { dev: overlay } });
    const { document } = parseSpec("a.yaml", text);
    if (document === null) throw new Error("the generated text must parse");
    const layers = splitLayers(document.root);
    const dev = layers.overlays.get("dev");
    return { base: layers.base, dev };
  };

  test("an empty overlay changes nothing, an overlay of itself neither", () => {
    fc.assert(
      fc.property(value.map, (base) => {
        for (const overlay of [{}, base]) {
          const { base: root, dev } = trees(base, overlay);
          if (dev === undefined) throw new Error("an overlay must be found");
          expect(plain(mergeOverlay(root, dev).root)).toEqual(base);
        }
      }),
    );
  });

  test("every scalar of the overlay stands in the result, every other of the base stays", () => {
    fc.assert(
      fc.property(value.map, value.map, (base, overlay) => {
        const { base: root, dev } = trees(base, overlay);
        if (dev === undefined) throw new Error("an overlay must be found");
        const { root: merged, faults } = mergeOverlay(root, dev);
        expect(faults).toEqual([]);
        expect(plain(merged)).toEqual(expected(base, overlay));
      }),
    );
  });
});

/** The rule in four lines: the model the real merge, which carries places along, is held against. */
function expected(base: unknown, overlay: unknown): unknown {
  if (!isRecord(base) || !isRecord(overlay)) return overlay;
  const keys = new Set([...Object.keys(base), ...Object.keys(overlay)]);
  return Object.fromEntries(
    [...keys].map((key) => [key, key in overlay ? expected(base[key], overlay[key]) : base[key]]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function plain(node: Node): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(plain);
  if (node.kind === "faulty") return undefined;
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plain(entry.node)]));
}
