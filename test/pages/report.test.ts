import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import axe from "axe-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withCosts } from "../../report/cost.ts";
import { reportPage } from "../../report/page/page.ts";
import { aReport } from "../report/page/sample-reports.ts";
import {
  aBlindReport,
  aHostileReport,
  aLargeReport,
  anEmptyReport,
  aSmallReport,
} from "../report/page/unusual-reports.ts";
import { Browser, type Screen } from "../support/browser/browser.ts";
import type { OpenedPage } from "../support/browser/opened-page.ts";
import { HOSTILE } from "../support/hostile.ts";

const PAGES: Readonly<Record<string, string>> = {
  right: reportPage(aReport()),
  small: reportPage(aSmallReport()),
  priced: reportPage(withCosts(aReport(), 0.02)),
  large: reportPage(aLargeReport(200)),
  empty: reportPage(anEmptyReport()),
  blind: reportPage(aBlindReport()),
  hostile: reportPage(aHostileReport(HOSTILE.join(" ").slice(0, 280))),
  long: reportPage(aHostileReport("x".repeat(5000))),
};
/** A page that does nothing it shouldn't. */
const CLEAN = { errors: [], failed: [], elsewhere: [] };
const PHONE = { width: 320, height: 640 };

let browser: Browser;
let server: Server;
const asked: string[] = [];

beforeAll(async () => {
  browser = await Browser.start();
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.setHeader("Content-Type", "text/html").end(PAGES[(request.url ?? "").slice(1)]);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
});

afterAll(async () => {
  await browser?.stop();
  server?.close();
});

function open(name: string, screen: Screen = {}): Promise<OpenedPage> {
  asked.length = 0;
  return browser.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`, screen);
}

/** What axe finds where all is open, a line each. */
async function barriers({ page }: OpenedPage): Promise<string[]> {
  await page.evaluate(`for (const details of document.querySelectorAll("details")) details.open = true; ${axe.source}`);
  const { violations } = (await page.evaluate("axe.run()")) as axe.AxeResults;
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

/** By how many pixels the page is wider than its window. */
function overflow({ page }: OpenedPage): Promise<number> {
  return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}

test.each(Object.keys(PAGES))(
  "the page of a report in which is %s asks for nothing but itself, makes no error, and fits a phone",
  async (name) => {
    const opened = await open(name, { viewport: PHONE });
    await opened.page.evaluate(`for (const details of document.querySelectorAll("details")) details.open = true`);
    expect(await overflow(opened)).toBe(0);
    expect(asked).toEqual([`/${name}`]);
    expect(opened.faults).toEqual(CLEAN);
    await opened.close();
  },
);

test.each([
  ["light", { width: 1280, height: 800 }],
  ["dark", PHONE],
] as const)("by %s axe finds no barrier: contrast, names, headings, tables", async (colorScheme, viewport) => {
  for (const name of ["small", "empty"]) {
    const opened = await open(name, { colorScheme, viewport });
    expect(await barriers(opened), name).toEqual([]);
    await opened.close();
  }
});

test("a screen reader finds the page's parts, and what is wrong by its heading", async () => {
  const opened = await open("right");
  expect(await opened.landmarks()).toEqual(["banner", "contentinfo", "main", "navigation"]);
  await opened.page.getByRole("heading", { name: "What is wrong", level: 2 }).waitFor();
  await opened.page.getByRole("img", { name: /^health score over the runs: from 100 to 93\.6/ }).waitFor();
  await opened.page.getByRole("rowheader", { name: "cybersec-train user" }).waitFor();
  await opened.page.getByRole("cell", { name: "list, read , tries disagreed" }).waitFor();
  await opened.close();
});

test("by keyboard the first step skips to what is wrong, and a bucket opens", async () => {
  const opened = await open("right");
  const { page } = opened;
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  expect(await page.evaluate("document.activeElement.id")).toBe("wrong");
  const bucket = page.locator("#bucket-15 > summary");
  await bucket.focus();
  await page.keyboard.press("Enter");
  await page.getByText("expected no policy, found anyone may read objects").waitFor();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Tab");
  expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
  await opened.close();
});

test("a link from what is wrong opens the bucket that it names", async () => {
  const opened = await open("right");
  await opened.page.getByRole("link", { name: "bucket cybersec-quarantine: policy" }).click();
  await opened.page.getByText("expected no policy, found anyone may read objects").waitFor();
  await opened.close();
});

test("among 52 identities one is found by name, by bucket, and by what tries didn't confirm", async () => {
  const opened = await open("right");
  const { page } = opened;
  const rows = page.locator('[data-row="access"]').filter({ visible: true });
  const field = page.getByRole("searchbox", { name: "Find an identity or a bucket" });
  await field.fill("mlops-audit");
  expect(await rows.allInnerTexts()).toEqual([expect.stringContaining("mlops-audit")]);
  await field.fill("");
  await page.getByRole("checkbox", { name: "Only rights that tries didn't confirm" }).check();
  expect((await rows.allInnerTexts()).length).toBeGreaterThan(1);
  await field.fill("cybersec-train");
  expect(await rows.allInnerTexts()).toEqual([expect.stringContaining("cybersec-train")]);
  await field.fill("nobody of that name");
  await page.getByText("Nothing is found.").waitFor();
  expect(await rows.count()).toBe(0);
  await opened.close();
});

/** What ends in the middle at the foot of a column goes on in the next: no table may lie in one. */
const IN_COLUMNS = `[...document.querySelectorAll("table")].filter((table) => {
  for (let around = table.parentElement; around !== null; around = around.parentElement)
    if (getComputedStyle(around).columnCount !== "auto") return true;
  return false;
}).length`;

test.each([true, false])("on paper all is open and nothing is cut, with scripts: %s", async (javaScriptEnabled) => {
  const opened = await open("right", { javaScriptEnabled, viewport: { width: 690, height: 1000 } });
  const { page } = opened;
  await page.emulateMedia({ media: "print" });
  for (const hidden of [
    "Size of each bucket, the largest first",
    "Rights of identities of usdcop",
    "Largest prefixes of mlsec-reports",
  ])
    expect(await page.getByText(hidden, { exact: true }).isVisible(), hidden).toBe(true);
  expect(await page.getByRole("navigation").isVisible()).toBe(false);
  expect(await page.getByRole("searchbox").first().isVisible()).toBe(false);
  expect(await overflow(opened)).toBeLessThanOrEqual(0);
  expect(await page.evaluate(IN_COLUMNS)).toBe(0);
  await opened.close();
});

test("without scripts all is there to read, and no button that does nothing", async () => {
  const opened = await open("right", { javaScriptEnabled: false });
  const { page } = opened;
  expect(await page.getByRole("button").count()).toBe(0);
  await page.locator("#bucket-15 > summary").click();
  await page.getByText("expected no policy, found anyone may read objects").waitFor();
  await opened.close();
});
