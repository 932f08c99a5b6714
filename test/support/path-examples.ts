import { expect } from "vitest";
import { findPath } from "../../config/paths/bucket-paths.ts";
import { buildKey } from "../../config/paths/paths.ts";
import { bucket, platform } from "./platforms.ts";

/** Path of a bucket, its values, and the key of the source that they make. */
export type Example = readonly [path: string, values: Readonly<Record<string, string>>, key: string];

/**
 * Builds each key from its values and takes it apart again, alone and with an object behind a prefix; the examples
 * are all paths the bucket has, in every stage.
 */
export function expectRoundTrips(name: string, examples: Readonly<Record<string, readonly Example[]>>): void {
  for (const stage of ["dev", "production"]) {
    const of = platform(name, stage);
    for (const { name, paths } of of.buckets) {
      expect((examples[name] ?? []).map(([path]) => path).sort(), name).toEqual(Object.keys(paths));
    }
    for (const [name, rows] of Object.entries(examples)) {
      const { paths } = bucket(of, name);
      for (const [path, values, key] of rows) {
        const template = paths[path] ?? "";
        expect(buildKey(template, values)).toEqual({ ok: true, key });
        const found = { ok: true, name: path, template, values };
        expect(findPath(paths, key)).toEqual({ ...found, rest: "" });
        if (!key.endsWith("/")) continue;
        expect(findPath(paths, `${key}part-0.parquet`)).toEqual({ ...found, rest: "part-0.parquet" });
      }
    }
  }
}
