import { expect, test } from "vitest";
import { checkoutAt } from "../../cli/checkout.ts";
import type { Running, WorkingFolder } from "../../cli/local/service/running.ts";
import { localService } from "../../cli/local/services/local-service.ts";

const checkout = checkoutAt("/a/check out");
const FILE = "/.bucketworks/services/alertmanager/alertmanager.yml";
const elsewhere: WorkingFolder = { path: "/cache/services", is: () => false, holds: () => false };
const inCheckout = (is: boolean): WorkingFolder => ({ path: "/b", is: () => is, holds: () => true });

const isOurs = (args: readonly string[], more: Partial<Running> = {}): boolean => {
  const running = { pid: 2, args, line: args.join(" "), cwd: elsewhere, sees: () => true, ...more };
  return localService("alertmanager", checkout).processes([running]).length === 1;
};
const started = (root: string) => ["/x/bin/alertmanager", `--config.file=${root}${FILE}`, "--storage.path=/y"];

test("a program is the checkout's by the file it was started with, from whatever folder it works in", () => {
  expect(isOurs(started("/a/check out"))).toBe(true);
  expect(isOurs(started("/a/other"))).toBe(false);
  expect(isOurs(["/x/bin/prometheus", ...started("/a/check out").slice(1)])).toBe(false);
  expect(isOurs(["vi", `/a/check out${FILE}`])).toBe(false);
});

test("one that works in a checkout is that one's, whatever path the checkout had; one in a container is nobody's here", () => {
  expect(isOurs(started("/a/former"), { cwd: inCheckout(true) })).toBe(true);
  expect(isOurs(started("/a/check out"), { cwd: inCheckout(false) })).toBe(false);
  expect(isOurs(started("/a/check out"), { sees: () => false })).toBe(false);
});

test("where the system tells one line alone, that is enough", () => {
  const line = started("/a/check out").join(" ");
  const running = { pid: 2, args: undefined, line, cwd: undefined, sees: () => true };
  expect(localService("alertmanager", checkout).processes([running])).toHaveLength(1);
  expect(localService("prometheus", checkout).processes([running])).toHaveLength(0);
});
