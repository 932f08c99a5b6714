import { describe, expect, test } from "vitest";
import { readModel } from "../../config/model-text.ts";
import { PLATFORMS } from "../support/our-files.ts";
import { resolved } from "../support/platforms.ts";
import { modelOf } from "../support/spec.ts";

describe("a model as explain prints it", () => {
  test.each(PLATFORMS)("comes back as it was: %s", (name) => {
    const model = resolved(name, "production");
    expect(readModel(JSON.stringify(model))).toEqual(model);
  });

  test.each(["list", "read", "write", "delete", "read_write", "restore", "inspect"])("may grant %s", (role) => {
    const model = modelOf(
      `bucket_groups: {raw: {versioning: true, buckets: [{name: raw-data}]}}\naccess: {policies: {some: {grants: [{role: ${role}, bucket: raw-data}]}}}\n`,
    );
    expect(readModel(JSON.stringify(model))).toEqual(model);
  });

  test("of a later version keeps what it says beyond ours, to be compared", () => {
    const model = resolved("usdcop", "dev");
    const platforms = model.platforms.map((platform) => ({
      ...platform,
      owner: "team",
      buckets: platform.buckets.map((bucket) => ({ ...bucket, colour: "red" })),
    }));
    expect(readModel(JSON.stringify({ ...model, platforms }))).toEqual({ ...model, platforms });
  });

  test.each([
    ["{", "it isn't JSON"],
    ["[]", /^the whole: /],
    ['{"schemaVersion":1,"stage":"dev","connection":null,"platforms":[{}]}', /^platforms\[0\]\.name: /],
  ])("%s is refused with the first place that is wrong", (text, fault) => {
    expect(readModel(text)).toEqual({ fault: typeof fault === "string" ? fault : expect.stringMatching(fault) });
  });
});
