import { expect, test } from "vitest";
import { StoreFault } from "../../../cli/logs/store.ts";
import { Told } from "../../../cli/logs/told.ts";

const REFUSED = "the store of logs at 127.0.0.1:9429 refuses the login writer";
const fails = (error: Error) => () => Promise.reject(error);
const works = () => Promise.resolve({ lines: 1, left: 0 });

test("the shipper of logs is well once it has shipped, also while the store is away, and isn't while its login is refused", async () => {
  const told = new Told(() => undefined);
  expect(told.complaint()).toBe("it hasn't shipped yet");
  await told.during("logs", works);
  expect(told.complaint()).toBeUndefined();
  await told.during("logs", fails(new StoreFault("the store of logs doesn't answer")));
  expect(told.complaint()).toBeUndefined();
  await told.during("logs", fails(new StoreFault(REFUSED, 401)));
  expect(told.complaint()).toBe(REFUSED);
  await told.during("logs", works);
  expect(told.complaint()).toBeUndefined();
});

test("what the shipper did of each kind is in its metrics, failures too", async () => {
  const told = new Told(() => undefined);
  await told.during("logs", works);
  await told.during("audit", fails(new Error("no bucket")));
  const lines = told.metrics().split("\n");
  for (const line of [
    'log_shipper_lines_total{kind="logs"} 1',
    'log_shipper_failures_total{kind="audit"} 1',
    'log_shipper_last_success_timestamp_seconds{kind="audit"} 0',
  ])
    expect(lines).toContain(line);
});
