import { afterEach, beforeEach, expect, test } from "vitest";
import type { Alert, History, KnownAlert } from "../../history/history.ts";
import { openHistory } from "../../history/open-history.ts";
import { dueAt } from "../../monitor/due.ts";

const of = { stage: "dev", server: "http://127.0.0.1:9000" };
const alert: Alert = { name: "BucketsUnhealthy", severity: "critical", platform: "shop", summary: "one." };
const minute = (number: number) => new Date(Date.UTC(2026, 0, 1) + number * 60_000);
const at = (number: number) => minute(number).toISOString();
const everything = () => true;

let history: History;
beforeEach(async () => {
  history = await openHistory(":memory:");
});
afterEach(() => history.close());

/** What a receiver is told at a minute; it takes it or doesn't. */
async function telling(number: number, { takes = true, receiver = "on-call" } = {}): Promise<string[]> {
  const due = dueAt(minute(number), () => 4 * 3600);
  const claimed = await history.alerts.claim(of, receiver, due, at(number + 2));
  for (const each of claimed) await history.alerts.settle(of, receiver, each, takes, at(number));
  return claimed.map(({ name, ended }) => `${ended === null ? "firing" : "resolved"} ${name}`);
}

const note = (number: number, firing: readonly Alert[], isJudged: (alert: Alert) => boolean = everything) =>
  history.alerts.note(of, firing, isJudged, at(number));

test("an alert is told once, again after the time set, and once when it is over", async () => {
  await note(0, [alert]);
  expect(await telling(0)).toEqual(["firing BucketsUnhealthy"]);
  await note(5, [{ ...alert, summary: "two." }]);
  expect(await telling(5)).toEqual([]);
  expect(await history.alerts.firing(of)).toEqual([{ ...alert, summary: "two.", since: at(0), ended: null }]);
  expect(await telling(239)).toEqual([]);
  expect(await telling(240)).toEqual(["firing BucketsUnhealthy"]);
  await note(241, []);
  expect(await telling(241)).toEqual(["resolved BucketsUnhealthy"]);
  expect(await telling(900)).toEqual([]);
  expect(await history.alerts.firing(of)).toEqual([]);
  await note(901, [alert]);
  expect(await telling(901)).toEqual(["firing BucketsUnhealthy"]);
});

test("an alert is about every bucket that it was about since it fires, and about none of an earlier time", async () => {
  await note(0, [{ ...alert, buckets: ["b"] }]);
  await note(1, [{ ...alert, buckets: ["a", "c"] }]);
  expect((await history.alerts.firing(of))[0]).toMatchObject({ buckets: ["a", "b", "c"], since: at(0) });
  const seen: (readonly string[] | undefined)[] = [];
  await note(2, [], ({ buckets }) => seen.push(buckets) > 0);
  expect(seen).toEqual([["a", "b", "c"]]);
  await note(3, [{ ...alert, buckets: ["a"] }]);
  expect((await history.alerts.firing(of))[0]).toMatchObject({ buckets: ["a"], since: at(3) });
});

test("what a receiver doesn't take is due again, also what has begun and ended meanwhile", async () => {
  await note(0, [alert]);
  expect(await telling(0, { takes: false })).toEqual(["firing BucketsUnhealthy"]);
  expect(await telling(1, { takes: false })).toEqual(["firing BucketsUnhealthy"]);
  await note(2, []);
  expect(await telling(2, { takes: false })).toEqual(["resolved BucketsUnhealthy"]);
  expect(await telling(60)).toEqual(["resolved BucketsUnhealthy"]);
  expect(await telling(61)).toEqual([]);
});

test("who becomes a receiver hears of what fires, and nothing of what is over", async () => {
  await note(0, [alert]);
  await note(1, []);
  expect(await telling(2)).toEqual([]);
  await note(3, [alert]);
  expect(await telling(4)).toEqual(["firing BucketsUnhealthy"]);
  expect(await telling(4, { receiver: "another" })).toEqual(["firing BucketsUnhealthy"]);
});

test("what one monitor is telling no other one takes, until its time is over", async () => {
  await note(0, [alert]);
  const claim = (number: number) =>
    history.alerts.claim(
      of,
      "on-call",
      dueAt(minute(number), () => 60),
      at(number + 2),
    );
  expect(await claim(0)).toHaveLength(1);
  expect(await claim(1)).toEqual([]);
  // It was killed before it could tell.
  expect(await claim(2)).toHaveLength(1);
});

test("an alert that couldn't be judged neither ends nor is told to be over", async () => {
  await note(0, [alert]);
  await telling(0);
  await note(1, [], () => false);
  expect((await history.alerts.firing(of)).map((each: KnownAlert) => each.since)).toEqual([at(0)]);
  expect(await telling(1)).toEqual([]);
});

test("an alert of another severity, platform, stage or server is another one", async () => {
  const others: Alert[] = [
    { ...alert, severity: "warning" },
    { ...alert, platform: "lab" },
  ];
  await note(0, [alert, ...others]);
  await history.alerts.note({ ...of, stage: "production" }, [alert], everything, at(0));
  expect(await telling(0)).toHaveLength(3);
  await note(1, others);
  expect(await telling(1)).toEqual(["resolved BucketsUnhealthy"]);
  expect(await history.alerts.firing({ ...of, stage: "production" })).toHaveLength(1);
});

test("a week after its end an alert is forgotten", async () => {
  await note(0, [alert]);
  await note(1, []);
  await note(8 * 1440, []);
  expect(await telling(8 * 1440)).toEqual([]);
});
