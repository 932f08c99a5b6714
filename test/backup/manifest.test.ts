import { createHash } from "node:crypto";
import { PassThrough } from "node:stream";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { manifestInstant, manifestName, manifestsPrefix, objectKey } from "../../backup/manifest/names.ts";
import { compareKeys } from "../../backup/manifest/order.ts";
import { openManifest } from "../../backup/manifest/read.ts";
import type { ManifestHeader, VersionEntry } from "../../backup/manifest/schema.ts";
import { ManifestWriter, type Written } from "../../backup/manifest/write.ts";

const HEADER: ManifestHeader = {
  ...{ schema: 1, platform: "shop", bucket: "shop-raw", prefixes: [], instant: "2026-11-30T02:00:00.000Z" },
  before: { name: "20261129T020000Z.ndjson.gz", sha256: "a".repeat(64) },
};

const entry = (key: string, more: Partial<VersionEntry> = {}): VersionEntry => ({
  ...{ key, version: "v1", modified: "2026-11-29T01:02:03.004Z", size: 3, etag: "e", latest: true },
  ...more,
});

async function written(entries: readonly VersionEntry[]): Promise<{ file: Buffer; result: Written }> {
  const sink = new PassThrough();
  const chunks: Buffer[] = [];
  sink.on("data", (chunk: Buffer) => chunks.push(chunk));
  const writer = new ManifestWriter(HEADER, sink);
  for (const each of entries) await writer.add(each, each.key.startsWith("new"));
  const result = await writer.end();
  return { file: Buffer.concat(chunks), result };
}

async function read(file: Uint8Array, piece = 7): Promise<VersionEntry[]> {
  async function* pieces() {
    for (let at = 0; at < file.length; at += piece) yield file.subarray(at, at + piece);
  }
  const manifest = await openManifest("20261130T020000Z.ndjson.gz", pieces());
  const found: VersionEntry[] = [];
  for await (const each of manifest.versions()) found.push(each);
  return found;
}

const ODD = ["a\u2028b", "a\nb", 'quote"', "ä/ü", "line\r", "\u{1f600}"].sort(compareKeys);

test("what is written is read back, whatever characters its keys have", async () => {
  const entries = [
    ...ODD.map((key) => entry(key, { tags: { "a b": "\u2029" }, metadata: { "x-amz-meta-a": "\n" } })),
    entry("\u{1f601}", { marker: true, size: 0, etag: "" }),
  ];
  const { file, result } = await written(entries);
  expect(await read(file)).toEqual(entries);
  expect(result.trailer).toMatchObject({ versions: 7, markers: 1, bytes: 18, added: 0 });
  expect(result.bytes).toBe(file.length);
});

test("reader and writer know the file by the same digest, by which the next manifest names it", async () => {
  const { file, result } = await written([entry("a"), entry("new b")]);
  const manifest = await openManifest("m", [file] as unknown as AsyncIterable<Uint8Array>);
  expect(() => manifest.sha256()).toThrow("wasn't read to its end");
  for await (const _ of manifest.versions());
  expect(manifest.sha256()).toBe(result.sha256);
  expect(result.sha256).toBe(createHash("sha256").update(file).digest("hex"));
  expect(result.trailer).toMatchObject({ added: 1, addedBytes: 3 });
});

test("many versions pass in bounded memory: what is read or written is not kept", async () => {
  const sink = new PassThrough();
  const writer = new ManifestWriter(HEADER, sink);
  const writing = (async () => {
    for (let at = 0; at < 50_000; at += 1) await writer.add(entry(`key ${String(at).padStart(9, "0")}`));
    return writer.end();
  })();
  const manifest = await openManifest("m", sink);
  let count = 0;
  for await (const _ of manifest.versions()) count += 1;
  expect(count).toBe(50_000);
  expect((await writing).trailer.versions).toBe(50_000);
});

test("a manifest is refused wherever it was cut", async () => {
  const { file } = await written([entry("a"), entry("b"), entry("c")]);
  for (let length = 0; length < file.length; length += 1) {
    await expect(read(file.subarray(0, length)), `cut to ${length}`).rejects.toMatchObject({ name: "ManifestFault" });
  }
  const text = gunzipSync(file).toString();
  for (let length = 0; length < text.length; length += 1) {
    await expect(read(gzipSync(text.slice(0, length))), text.slice(length - 9, length)).rejects.toMatchObject({
      name: "ManifestFault",
    });
  }
});

test("a manifest from which a line was taken, or in which one was changed or moved, is refused", async () => {
  const { file } = await written([entry("a"), entry("b"), entry("c")]);
  const lines = gunzipSync(file).toString().split("\n");
  const as = (changed: readonly string[]) => read(gzipSync(changed.join("\n")));
  await expect(as(lines.toSpliced(2, 1))).rejects.toThrow("has 2 versions, 0 markers, 6 bytes, and its last line says");
  await expect(as(lines.with(2, lines[2]?.replace('"size":3', '"size":4') ?? ""))).rejects.toThrow("10 bytes");
  await expect(as(lines.with(2, lines[3] ?? "").with(3, lines[2] ?? ""))).rejects.toThrow(
    "line 4: its key sorts before",
  );
  await expect(as(lines.with(2, '{"key":"b"}'))).rejects.toThrow("line 3, version: ");
  await expect(as(lines.with(0, lines[1] ?? ""))).rejects.toThrow("line 1, schema: ");
  await expect(as([...lines.slice(0, -1), lines[1] ?? "", ""])).rejects.toThrow("line 5, key: ");
});

test("the fault of who reads is not taken for a cut file", async () => {
  const { file } = await written([entry("a")]);
  async function* outage() {
    yield file.subarray(0, 20);
    throw new Error("connect ECONNREFUSED");
  }
  await expect(openManifest("m", outage())).rejects.toThrow("connect ECONNREFUSED");
});

test("keys are compared as S3 sorts them, by the bytes of UTF-8", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

test("a stored version has the same key in every run, of fixed length, and in a bucket without versions one by content", () => {
  const version = {
    bucket: "raw",
    key: "ä".repeat(512),
    version: "v1",
    modified: "2026-11-29T01:02:03.004Z",
    etag: "e",
  };
  expect(objectKey("daily/", version)).toMatch(/^daily\/objects\/[0-9a-f]{64}$/);
  expect(objectKey("", { ...version, etag: "f" })).toBe(objectKey("", version));
  expect(objectKey("", { ...version, version: "v2" })).not.toBe(objectKey("", version));
  const unversioned = { ...version, version: "null" };
  expect(objectKey("", { ...unversioned, etag: "f" })).not.toBe(objectKey("", unversioned));
});

test("a manifest's name says its moment, and a name of another form none", () => {
  expect(manifestName(new Date("2026-11-30T02:00:00.999Z"))).toBe("20261130T020000Z.ndjson.gz");
  expect(manifestsPrefix("daily/", "shop-raw")).toBe("daily/manifests/shop-raw/");
  expect(manifestInstant("20261130T020000Z.ndjson.gz")?.toISOString()).toBe("2026-11-30T02:00:00.000Z");
  for (const name of ["20261330T020000Z.ndjson.gz", "20261131T020000Z.ndjson.gz", "20261130T020000Z.json", "x"]) {
    expect(manifestInstant(name), name).toBeNull();
  }
});
