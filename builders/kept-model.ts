import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Platform, ResolvedModel } from "../config/model.ts";

/** What the state keeps of the model that a platform was made from: an earlier one can be deployed again from it. */
export interface KeptPlatform {
  /** SHA-256 of the text in `model`. */
  readonly specDigest: string;
  /** JSON of the model with this platform alone, gzip, base64: a tenth of its text. */
  readonly model: string;
}

/** The model of one platform as the state keeps it. The same model gives the same digest, whatever the order of its keys. */
export function keptPlatform(model: ResolvedModel, platform: Platform): KeptPlatform {
  const text = JSON.stringify(sortedKeys({ ...model, platforms: [platform] }));
  return { specDigest: digestOf(text), model: gzipSync(text).toString("base64") };
}

/** The JSON of a kept platform. @returns undefined where it is damaged: cut off, or not what its digest says */
export function keptText({ specDigest, model }: KeptPlatform): string | undefined {
  try {
    const text = gunzipSync(Buffer.from(model, "base64")).toString("utf8");
    return digestOf(text) === specDigest ? text : undefined;
  } catch {
    return undefined;
  }
}

/** One digest for all platforms of a stack. */
export function stackDigest(platforms: readonly Pick<KeptPlatform, "specDigest">[]): string {
  return digestOf(
    platforms
      .map(({ specDigest }) => specDigest)
      .sort()
      .join("\n"),
  );
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sortedKeys(each)]));
}
