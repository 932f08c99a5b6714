import { afterEach, beforeEach, expect, test } from "vitest";
import type { History } from "../../history/history.ts";
import { openHistory } from "../../history/open-history.ts";

const of = { stage: "dev", server: "http://127.0.0.1:9000" };
const drill = (at: string, more: object = {}) => ({
  ...{
    at,
    passed: true,
    sample: true,
    objects: 3,
    bytes: 4,
    loss_seconds: 5,
    duration_seconds: 6,
    failure: null,
    ...more,
  },
});
let history: History;

beforeEach(async () => {
  history = await openHistory(":memory:");
});
afterEach(() => history.close());

test("the last drill of each bucket is told, of its stage and server alone", async () => {
  const [old, young] = [drill("2026-11-20T02:00:00.000Z"), drill("2026-11-21T02:00:00.000Z", { passed: false })];
  await history.drills.add(of, "a", young);
  await history.drills.add(of, "a", old);
  await history.drills.add(of, "b", old);
  await history.drills.add({ ...of, stage: "production" }, "c", old);
  expect(Object.fromEntries(await history.drills.last(of))).toEqual({ a: young, b: old });
});

test("the same drill is kept once, and so many that a history stays small", async () => {
  for (let day = 0; day < 210; day++) {
    await history.drills.add(of, "a", drill(new Date(Date.UTC(2026, 0, 1 + day)).toISOString()));
  }
  const last = drill(new Date(Date.UTC(2026, 0, 210)).toISOString());
  await history.drills.add(of, "a", { ...last, objects: 99 });
  expect((await history.drills.last(of)).get("a")).toEqual(last);
});
