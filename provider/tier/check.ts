import { z } from "zod";
import { type Checked, type Failure, knownInputs } from "../known-inputs.ts";
import type { Properties } from "../property-bags.ts";
import { movedParts, originOf, placeText, type TierInputs } from "./types.ts";

const Inputs = z.strictObject({
  name: z.string().regex(/^[A-Z0-9][A-Z0-9_-]*$/, "must be upper-case letters, digits, - and _"),
  type: z.enum(["minio", "s3"]),
  endpoint: z
    .string()
    .regex(/^https?:\/\/[^/?#@]+\/?$/, "must be https://HOST:PORT, without path or user")
    .transform(originOf),
  bucket: z.string().min(3),
  prefix: z.string().min(1).optional(),
  region: z.string().min(1).optional(),
  storageClass: z.string().min(1).optional(),
  accessKey: z.string().min(1),
  secretKey: z.string().min(1),
  onDelete: z.enum(["retain", "delete_if_empty"]).default("retain"),
  adopt: z.boolean().optional(),
});

/**
 * Judges the inputs of a tier without asking the server.
 * @param olds inputs of the last update; empty for a tier that doesn't exist yet, without a place for one that may not
 */
export function checkTier(news: Properties, olds: Properties): Checked {
  const parsed = knownInputs(Inputs, news);
  if ("failures" in parsed) return { inputs: news.values, failures: parsed.failures };
  const inputs = { ...parsed.data, ...parsed.unknown };
  const before = olds.values as Partial<TierInputs>;
  return { inputs, failures: before.bucket === undefined ? [] : moved(before as TierInputs, inputs as TierInputs) };
}

function moved(before: TierInputs, now: TierInputs): Failure[] {
  const [property] = movedParts(before, now);
  if (property === undefined) return [];
  const reason = `tier ${now.name} leads to ${placeText(before)} and can't be led to ${placeText(now)} (${property}): objects that were moved are read from there; put the old settings back, and declare another tier for the new place`;
  return [{ property, reason }];
}
