import { expect, test } from "vitest";
import { reportCommand } from "../../../cli/report.ts";
import type { Platform, Workload } from "../../../config/model.ts";
import { identitiesOf, permits } from "../../../verify/identities/rights.ts";
import { type ReportPlace, reportPlace } from "../../../verify/report-store.ts";
import { platform } from "../../support/platforms.ts";

const usdcop = platform("usdcop", "production");

function isReport({ steps }: Workload): boolean {
  return steps[0]?.arguments[0] === "report";
}

function placeOf({ steps }: Workload): ReportPlace {
  const given = steps[0]?.arguments ?? [];
  const place = reportPlace(given[given.indexOf("--store") + 1] ?? "");
  if (typeof place === "string") throw new Error(place);
  return place;
}

function scheduleOf({ run }: Workload): string {
  return run.kind === "scheduled_job" ? `${run.schedule} ${run.timeZone}` : run.kind;
}

const reports = usdcop.workloads.filter(isReport);

test("health is looked at every hour, and reports are made each week, month and quarter (U-083, U-100, U-101, U-102)", () => {
  const hourly = usdcop.workloads.find(({ name }) => name === "usdcop-validator");
  expect(hourly && scheduleOf(hourly)).toBe("7 * * * * America/Bogota");
  expect(Object.fromEntries(reports.map((each) => [each.name, scheduleOf(each)]))).toEqual({
    "usdcop-weekly-report": "23 6 * * 1 America/Bogota",
    "usdcop-monthly-usage": "37 6 1 * * America/Bogota",
    "usdcop-quarterly-review": "51 6 1 1,4,7,10 * America/Bogota",
  });
});

test.each(reports)("$name is a command line that report takes", ({ steps }) => {
  const [, ...given] = steps[0]?.arguments ?? [];
  const command = reportCommand().exitOverride();
  const { operands, unknown } = command.parseOptions(given);
  expect({ operands, unknown }).toEqual({ operands: ["/app/config/usdcop.yaml"], unknown: [] });
  expect(command.opts()).toMatchObject({ depth: "usage", identities: false });
});

test.each(reports)(
  "$name keeps its report where the bucket has a path for it, and its key may write there",
  (workload) => {
    const { bucket, prefix } = placeOf(workload);
    expect(bucket).toBe("99-common-trading-reports");
    expect(Object.values(usdcop.buckets.find(({ name }) => name === bucket)?.paths ?? {})).toContain(prefix);
    const own = identityOf(usdcop, workload);
    expect(permits(own, "put", bucket, prefix)).toBe(true);
    expect(usdcop.buckets.every(({ name }) => permits(own, "list", name, ""))).toBe(true);
    expect(usdcop.buckets.some(({ name }) => permits(own, "get", name, "x"))).toBe(false);
  },
);

function identityOf({ access }: Platform, { steps }: Workload) {
  const own = identitiesOf(access).find(({ name }) => name === steps[0]?.serviceAccount);
  if (own === undefined) throw new Error("it has a service account");
  return own;
}
