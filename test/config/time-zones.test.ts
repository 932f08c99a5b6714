import { expect, test } from "vitest";
import { faultsOf } from "../support/spec.ts";
import { platformFile } from "../support/specs.ts";

const nightly = (zone: string): string => `${platformFile("      - {name: one, description: d, tags: {data_type: t}}")}
workloads:
  nightly: {kind: scheduled_job, image: "registry.example/a:1", schedule: "0 6 * * *", time_zone: ${zone}}
`;

test.each(["America/Bogota", "Asia/Kolkata", "Europe/Kyiv", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "Etc/UTC"])(
  "a schedule may keep the clock of %s",
  (zone) => {
    expect(faultsOf(nightly(zone))).toEqual([]);
  },
);

test.each(["COT", "UTC", "america/bogota", "America/Bogot", "Bogota"])("nobody knows a zone %s", (zone) => {
  expect(faultsOf(nightly(zone))).toEqual([expect.stringMatching(/is no time zone of the IANA database/)]);
});
