import { expect, test } from "vitest";
import { Told } from "../../../cli/logs/told.ts";

const source = { path: "/x/shop-orders.log", service: "orders", platform: "shop" };
const read = { source, lines: [], left: 0, isGap: false, fault: undefined };

test("lines that may be lost are said and counted, and the trail gets a line of that", () => {
  const said: Record<string, unknown>[] = [];
  const told = new Told((line) => said.push(JSON.parse(line) as Record<string, unknown>));
  told.looked("logs", [read, { ...read, isGap: true }]);
  told.looked("audit", [{ ...read, isGap: true }]);
  expect(said.map(({ level, audit, object }) => [level, audit, object])).toEqual([
    ["error", undefined, undefined],
    ["error", true, "shop-orders.log"],
  ]);
  expect(said[0]?.message).toContain("lines of shop-orders.log may be lost");
  expect(told.metrics()).toContain('log_shipper_gaps_total{kind="logs"} 1\nlog_shipper_gaps_total{kind="audit"} 1');
});

test("a log that can't be read is said once, and counted while it lasts", () => {
  const said: string[] = [];
  const told = new Told((line) => said.push(line));
  for (const fault of ["EACCES: x", "EACCES: x", undefined]) {
    told.looked("logs", [{ ...read, fault }]);
    expect(told.metrics()).toContain(`log_shipper_unread_logs{kind="logs"} ${fault === undefined ? 0 : 1}`);
  }
  expect(said).toHaveLength(1);
});
