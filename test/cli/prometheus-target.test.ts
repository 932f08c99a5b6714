import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sharedServices } from "../../builders/services/declared.ts";
import { prometheusSettings } from "../../builders/services/prometheus.ts";
import { checkoutAt } from "../../cli/checkout.ts";
import { folderOf } from "../../cli/local/services/local-service.ts";
import { PrometheusTarget } from "../../cli/monitor/prometheus-target.ts";
import { platform } from "../support/platforms.ts";

let root: string;
let prometheus: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bucketworks-target-"));
  prometheus = folderOf("prometheus", checkoutAt(root));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Where Prometheus looks for monitors, as its settings say. */
function found(): string {
  const { prometheus: asked } = sharedServices([platform("mlops", "dev")]);
  if (asked === null) throw new Error("mlops asks for no Prometheus");
  const { scrape_configs: jobs } = prometheusSettings(asked, { minio: undefined, services: {} }) as {
    scrape_configs: { job_name: string; file_sd_configs?: { files: string[] }[] }[];
  };
  const [files = ""] = jobs.find(({ job_name: job }) => job === "monitor")?.file_sd_configs?.[0]?.files ?? [];
  expect(files).toMatch(/\/\*\.json$/);
  return join(prometheus, dirname(files));
}

test("U-084: while a monitor runs, its metrics stand where Prometheus looks for them, and afterwards no more", () => {
  const target = new PrometheusTarget(root, "127.0.0.1:9109");
  target.announce();
  expect(existsSync(prometheus), "nobody set up Prometheus here").toBe(false);
  mkdirSync(prometheus, { recursive: true });
  target.announce();
  const [name = "", ...others] = readdirSync(found());
  expect(others).toEqual([]);
  expect(JSON.parse(readFileSync(join(found(), name), "utf8"))).toEqual([{ targets: ["127.0.0.1:9109"] }]);
  target.withdraw();
  expect(readdirSync(found())).toEqual([]);
});

test("a monitor that was killed is taken away by the next one, and one that runs isn't", () => {
  mkdirSync(found(), { recursive: true });
  for (const pid of [process.ppid, 2 ** 22 + 1]) writeFileSync(join(found(), `${pid}.json`), "[]");
  new PrometheusTarget(root, "127.0.0.1:9109").announce();
  expect(readdirSync(found()).sort()).toEqual([process.ppid, process.pid].map((pid) => `${pid}.json`).sort());
});
