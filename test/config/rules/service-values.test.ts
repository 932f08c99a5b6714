import { expect, test } from "vitest";
import { serviceValues } from "../../../config/rules/services.ts";
import { judgeTexts } from "../../support/spec.ts";

const told = (service: string, key: string, value: string): string[] =>
  judgeTexts({ "a.yaml": `services: {${service}: {${key}: ${value}}}\n` })
    .views.flatMap(serviceValues)
    .map(({ message, fix }) => `${message}; ${fix}`);

test.each([
  ["0s", 'scrape_interval "0s" must be a whole number with s, m or h, not 0; write 15s, or at most 5m'],
  ["1000d", 'scrape_interval "1000d" must be a whole number with s, m or h, not 0; write 15s, or at most 5m'],
  ["2 minutes", 'scrape_interval "2 minutes" must be a whole number with s, m or h, not 0; write 2m'],
  [
    "301s",
    'scrape_interval "301s" must be at most 5m: Prometheus takes a series for ended after that, and no alert would hold; write 5m, or less',
  ],
])("the fix of a scrape_interval is one that serves alerts: %s", (value, fault) => {
  expect(told("prometheus", "scrape_interval", value)).toEqual([fault]);
  expect(told("prometheus", "scrape_interval", "5m")).toEqual([]);
});

test("Alertmanager's durations end where it forgets", () => {
  expect(told("alertmanager", "repeat_interval", "1000d")).toEqual([
    'repeat_interval "1000d" must be a whole number with s, m or h, not 0; write 4h, or at most 120h',
  ]);
  expect(told("alertmanager", "group_interval", "121h")).toEqual([
    'group_interval "121h" must be at most 120h: Alertmanager keeps nothing for longer; write 120h, or less',
  ]);
  expect(told("alertmanager", "group_interval", "120h")).toEqual([]);
});

test("the fix of a size that is none is one with room in it", () => {
  for (const value of ["0B", "0GiB", "none"])
    expect(told("prometheus", "max_size", value)[0]).toMatch(/; write 2GiB, or as much as there is room for$/);
  expect(told("prometheus", "max_size", "500KiB")).toEqual([
    'max_size "500KiB" must be at least 1MiB; write a size like 500GiB',
  ]);
});
