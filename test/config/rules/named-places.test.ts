import { expect, test } from "vitest";
import { placesIn } from "../../../config/rules/named-places.ts";
import { judgeTexts } from "../../support/spec.ts";

const text =
  "bucket_groups:\n  raw:\n    buckets:\n      - {name: raw-data}\n      - {name: raw-logs}\nworkloads:\n  loader: {kind: job}\n";

test("what a spec names is found where it stands, and the spec is gone through once for all of it", () => {
  let looks = 0;
  const views = judgeTexts({ "a.yaml": text }).views.map(({ buckets, ...view }) => ({
    ...view,
    get buckets() {
      looks++;
      return buckets;
    },
  }));
  const placeOf = placesIn(views);
  expect(placeOf("bucket", "raw-logs")).toMatchObject({ file: "a.yaml", line: 5, column: 16 });
  expect(placeOf("workload", "loader")).toMatchObject({ file: "a.yaml", line: 7, column: 3 });
  for (let again = 0; again < 10; again++) expect(placeOf("bucket", "none")).toBeUndefined();
  expect(looks).toBe(1);
});
