import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { checkoutAt } from "../../../cli/checkout.ts";
import { keepDrill, lastDrills } from "../../../cli/database/kept-drills.ts";

const root = mkdtempSync(join(tmpdir(), "bucketworks-kept-drills-"));
const checkout = checkoutAt(root);
afterEach(() => rmSync(root, { recursive: true, force: true }));

const drill = (time: string, place: string) => ({
  ...{
    schemaVersion: 1,
    time,
    place,
    base: "20261101T010000",
    moment: null,
    lastTransaction: null,
    restoreSeconds: 1.5,
  },
  ...{ seconds: 2.5, lossSeconds: null, databases: 1, tables: 2, rows: 3, bytes: 4, gaps: [] },
});

test("the last drill of each place is known; a line that was cut, and a checkout without any, have none", () => {
  expect(lastDrills(checkout)).toEqual(new Map());
  keepDrill(checkout, drill("2026-11-01T00:00:00.000Z", "s3://kept/one"));
  keepDrill(checkout, drill("2026-11-02T00:00:00.000Z", "s3://kept/one"));
  keepDrill(checkout, { ...drill("2026-11-01T00:00:00.000Z", "s3://kept/two"), gaps: [{}] });
  appendFileSync(join(checkout.logs, "database-drills.ndjson"), '{"schemaVersion":1,"time":"2026-11-03T00');
  const known = { restore_seconds: 1.5, duration_seconds: 2.5, loss_seconds: null, tables: 2, rows: 3, bytes: 4 };
  expect(lastDrills(checkout)).toEqual(
    new Map([
      ["s3://kept/one", { at: "2026-11-02T00:00:00.000Z", ...known, gaps: 0 }],
      ["s3://kept/two", { at: "2026-11-01T00:00:00.000Z", ...known, gaps: 1 }],
    ]),
  );
});
