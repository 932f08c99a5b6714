import { expect, test } from "vitest";
import { StackConfig } from "../../config/stack/schema.ts";
import type { LiveTier } from "../../live/live-server.ts";
import { compareServer } from "../../scan/compare/compare-server.ts";
import { modelOf } from "../support/spec.ts";
import { liveServer, liveTier } from "./live-server.ts";

const model = modelOf(`
bucket_groups:
  all:
    buckets:
      - {name: cold-data, lifecycle: [{id: archive, transition: {days: 90, tier: GLACIER}}]}
`);
const PLACE = { type: "minio", endpoint: "https://cold.example:9000/", bucket: "archive" };

function found(declared: object, held: readonly LiveTier[]): string[] {
  const { tiers } = StackConfig.parse({ tiers: declared });
  const { findings } = compareServer(model, liveServer(model, { tiers: { value: held } }), { tiers });
  return findings
    .filter(({ subject }) => subject.kind === "tier")
    .map(({ severity, kind, subject, path }) => [severity, kind, subject.name, path].join(" ").trim());
}

test("tiers as the stack says them are no finding, however their URLs end; what nobody declared is unmanaged", () => {
  expect(found({ GLACIER: PLACE }, [liveTier("GLACIER"), liveTier("OTHER")])).toEqual(["low unmanaged OTHER"]);
  expect(found({}, [liveTier("GLACIER")])).toEqual([]);
  expect(found({ SPARE: PLACE }, [liveTier("SPARE")])).toEqual([]);
});

test("a declared tier that is missing or leads elsewhere is found, each part by its name", () => {
  expect(found({ GLACIER: PLACE }, [])).toEqual(["high missing GLACIER"]);
  const elsewhere = liveTier("GLACIER", {
    endpoint: "https://other.example",
    bucket: "theirs",
    prefix: "p",
    type: "s3",
  });
  expect(found({ GLACIER: PLACE }, [elsewhere]).sort()).toEqual([
    "high changed GLACIER bucket",
    "high changed GLACIER endpoint",
    "high changed GLACIER prefix",
    "high changed GLACIER type",
  ]);
});
