import { createHash } from "node:crypto";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { withCosts } from "../../../report/cost.ts";
import { reportPage } from "../../../report/page/page.ts";
import { reportSchema } from "../../../report/schema.ts";
import { SCORE_FORMULA } from "../../../report/score.ts";
import { HIDDEN, HOSTILE } from "../../support/hostile.ts";
import { aReport } from "./sample-reports.ts";
import { aBlindReport, aHostileReport, aLargeReport, anEmptyReport } from "./unusual-reports.ts";

const MIB = 2 ** 20;
const documentOf = (page: string) => parseHTML(page).document;
const RIGHT = reportPage(aReport());
const KINDS = { right: aReport(), large: aLargeReport(200), empty: anEmptyReport(), blind: aBlindReport() };
/** Elements of a page in which every text is harmless. */
const TAGS = tagsOf(reportPage(aHostileReport("harmless")));

function tagsOf(page: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { localName } of documentOf(page).querySelectorAll("*")) counts[localName] = (counts[localName] ?? 0) + 1;
  return counts;
}

/** The visible text of a part, blanks run together. */
function textOf(page: string, selector: string): string {
  return (documentOf(page).querySelector(selector)?.textContent ?? "").replaceAll(/\s+/g, " ").trim();
}

describe.each(Object.entries(KINDS))("the page of a report in which is: %s", (_, report) => {
  const page = reportPage(report);
  const document = documentOf(page);

  test("the sample is a report by its schema", () => {
    expect(reportSchema.safeParse(report).error).toBeUndefined();
  });

  test("names nothing that a browser would ask another machine for", () => {
    expect(page).not.toMatch(/\s(?:src|srcset|action|poster|data)=|url\(|@import|<(?:iframe|object|embed|img|base)\b/i);
    const links = [...document.querySelectorAll("[href]")].map((link) => link.getAttribute("href") ?? "");
    expect(links.filter((link) => !/^(#|data:)/.test(link))).toEqual([]);
  });

  test("its policy admits its own style sheet and script alone", () => {
    const policy = document.querySelector("meta[http-equiv]")?.getAttribute("content") ?? "";
    const digest = (tag: string): string =>
      createHash("sha256")
        .update(document.querySelector(tag)?.textContent ?? "")
        .digest("base64");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`style-src 'sha256-${digest("style")}'`);
    expect(policy).toContain(`script-src 'sha256-${digest("script")}'`);
    expect(document.querySelectorAll("style, script")).toHaveLength(2);
    expect(document.querySelectorAll("[style], [onclick], [onload]")).toHaveLength(0);
  });

  test("headings follow one another, ids are there once, and every link leads to one", () => {
    const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map(({ localName }) =>
      Number(localName[1]),
    );
    expect(levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1)).toEqual([]);
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = [...document.querySelectorAll('a[href^="#"]')].map((link) =>
      (link.getAttribute("href") ?? "").slice(1),
    );
    expect(targets.filter((target) => !ids.includes(target))).toEqual([]);
  });

  test("every table has a caption, and every heading of one a scope; every drawing has words", () => {
    for (const table of document.querySelectorAll("table"))
      expect(table.querySelector("caption")?.textContent).toBeTruthy();
    expect(document.querySelectorAll("th:not([scope])")).toHaveLength(0);
    for (const drawing of document.querySelectorAll(".drawing"))
      expect(drawing.getAttribute("aria-label")).toBeTruthy();
    expect(document.querySelectorAll("svg:not([aria-hidden])")).toHaveLength(0);
  });
});

test("what is wrong comes right after the score, before all else", () => {
  const sections = [...documentOf(RIGHT).querySelectorAll("main > section")].map((section) =>
    section.getAttribute("aria-labelledby"),
  );
  expect(sections.slice(0, 2)).toEqual(["overview", "wrong-title"]);
  expect(textOf(RIGHT, ".sentence")).toBe("2 critical problems and 10 warnings; 4 of 26 buckets aren't healthy.");
});

test("all parts of a report are on its page", () => {
  const page = RIGHT;
  expect(textOf(page, ".formula")).toContain("rounded down to one decimal");
  expect(textOf(page, "#bucket-13")).toContain("cybersec-gold");
  expect(textOf(page, "#trend")).toContain("The score is the same as in the run of 2026-11-28 09:00 UTC");
  expect(textOf(page, "#storage")).toMatch(/mlflow-artifacts\s*93%/);
  expect(textOf(page, "#storage")).toContain("Month by month");
  expect(textOf(page, "#age")).toContain("expire_days 365 would free 87.4 GiB");
  expect(textOf(page, "#age")).toContain("90 to 365 days");
  expect(textOf(page, "#access")).toContain("cybersec-train");
  expect(textOf(page, "#drift")).toContain("tmp-export");
  expect(textOf(page, "#backups")).toContain("2026-11-26 02:10 UTC 3 days ago");
  expect(textOf(page, "#backups")).toMatch(/sample of 200 objects\s*3 hours\s*6 minutes/);
  expect(textOf(page, "#backups")).toMatch(/2026-11-22 05:00 UTC 7 days ago ✗ failed ✗ overdue/);
  expect(textOf(page, "#database-backups")).toMatch(
    /2026-11-29 08:59 UTC 60 seconds ago\s*2026-11-22 05:00 UTC 7 days ago ✓ 12 tables/,
  );
  expect(textOf(page, "#replication")).toMatch(
    /99-common-trading-models\s*✗ doesn't answer\s*12 objects \(3.0 GiB\)\s*✗ 3 objects/,
  );
  expect(textOf(page, "#alerts")).toContain("ObjectStorageNearlyFull");
  expect(textOf(page, "#not-looked")).toContain("no service of logs runs for this stage");
});

test("the formula of the score is there to its last word", () => {
  expect(textOf(reportPage(aReport({ score_formula: SCORE_FORMULA })), ".formula p")).toBe(SCORE_FORMULA);
});

test("how far a listing came, and with a price what keeping costs", () => {
  const page = reportPage(withCosts(aReport(), 0.02));
  expect(textOf(page, "#bucket-1")).toMatch(/Listed\s*all [\d,]+ versions/);
  expect(textOf(page, "#bucket-5")).toMatch(/Listed\s*the first [\d,]+ versions alone/);
  expect(textOf(page, "#bucket-1")).toMatch(/Keeping it costs\s*[\d,]+\.\d\d a month/);
  expect(textOf(page, "#platforms")).toMatch(/Cost a month.*usdcop.*\d\.\d\d.*at 0\.02 for a GiB and month/);
  expect(RIGHT).not.toMatch(/Cost a month|Keeping it costs/);
});

test("a right says who, where, what, only below which prefixes, and whether tries agreed", () => {
  const page = documentOf(RIGHT);
  const row = [...page.querySelectorAll('[data-row="access"]')].find((some) =>
    some.textContent?.includes("cybersec-train"),
  );
  const cell = row?.querySelector(".right.critical");
  expect(cell?.querySelector("i")?.textContent).toBe("list, read");
  expect(cell?.querySelector("b")?.textContent).toBe("LR···");
  expect(row?.hasAttribute("data-unsure")).toBe(true);
  expect([...page.querySelectorAll(".notes li")].map((note) => note.textContent)).toContain(
    "only below type=weekly/, type=monthly/",
  );
});

test("where nobody looked the page says so and why, and claims nothing", () => {
  const page = reportPage(aBlindReport());
  expect(textOf(page, ".sentence")).toBe("Nothing could be looked at.");
  expect(textOf(page, ".score")).toBe("– of 100 health score");
  for (const part of ["#access", "#drift", "#backups", "#alerts"])
    expect(textOf(page, part)).toContain("Not looked at. the server doesn't answer: connect ECONNREFUSED");
  expect(page).not.toContain("No alert fires");
  expect(textOf(page, "#storage")).toContain("Of 26 buckets the size isn't known, so how much fits isn't either.");
  expect(page).not.toContain("no quota");
  expect(textOf(page, "#bucket-1")).toMatch(/Quota\s*not known/);
});

test("a report without buckets is a page that says so", () => {
  expect(textOf(reportPage(anEmptyReport()), ".sentence")).toBe("There is no bucket to look at.");
  expect(textOf(reportPage(anEmptyReport()), "#wrong")).toContain("nothing was judged");
});

test("200 buckets with all that they may have are under 2 MB, and so are 5,000 runs of a trend", () => {
  expect(Buffer.byteLength(reportPage(aLargeReport(200)))).toBeLessThan(2 * MIB);
  const [run] = aReport().trend;
  if (run === undefined) throw new Error("the sample has no runs");
  const trend = Array.from({ length: 5000 }, (_, index) => ({ ...run, at: new Date(index * 300_000).toISOString() }));
  expect(Buffer.byteLength(reportPage(aReport({ trend })))).toBeLessThan(0.5 * MIB);
});

test.each(HOSTILE)("%j stays text wherever a report holds it", (text) => {
  const page = reportPage(aHostileReport(text));
  expect(tagsOf(page)).toEqual(TAGS);
  expect(page).not.toMatch(HIDDEN);
});
