import { describe, expect, test } from "vitest";
import { notificationText } from "../../config/values/notifications.ts";
import type { LiveNotification } from "../../live/compare-settings.ts";
import type { LiveServer } from "../../live/live-server.ts";
import { compareServer } from "../../scan/compare/compare-server.ts";
import { modelOf } from "../support/spec.ts";
import { imported } from "./imported.ts";
import { liveBucket, liveServer } from "./live-server.ts";

const rule = (change: Partial<LiveNotification> = {}): LiveNotification => ({
  ...{ target: "arn:minio:sqs::lake:webhook", events: ["s3:ObjectCreated:*"], prefix: "", suffix: "" },
  ...change,
});

const spec = (notifications: string) =>
  modelOf(`bucket_groups: {g: {description: d, buckets: [{name: orders, description: d${notifications}}]}}\n`);

function server(...notifications: LiveNotification[]): LiveServer {
  return liveServer(spec(""), { buckets: new Map([["orders", { value: { ...liveBucket(), notifications } }]]) });
}

const lines = (notifications: string, live: LiveServer): string[] =>
  compareServer(spec(notifications), live).findings.map(
    ({ severity, kind, subject, message }) => `${severity} ${kind} ${subject.kind} ${subject.name}: ${message}`,
  );

describe("whom a bucket tells is compared with its spec:", () => {
  const SAID = `, notifications: [{target: "lake:webhook", events: [created, "s3:ObjectRemoved:Delete"], prefix: raw/}]`;
  const events = ["s3:ObjectRemoved:Delete", "s3:ObjectCreated:*"];
  test.each<[string, string, LiveNotification[], RegExp[]]>([
    ["the same", SAID, [rule({ events, prefix: "raw/" })], []],
    ["the same under a region", SAID, [rule({ target: "arn:minio:sqs:eu:lake:webhook", events, prefix: "raw/" })], []],
    ["the same in two rules", SAID, events.map((each) => rule({ events: [each], prefix: "raw/" })), []],
    [
      "fewer events",
      SAID,
      [rule({ prefix: "raw/" })],
      [/^medium changed bucket orders: notifications\["lake:webhook prefix raw\/"\]/],
    ],
    ["another prefix", SAID, [rule({ events })], [/is told of nothing$/, /expected told of nothing/]],
    ["none", SAID, [], [/expected told of s3:ObjectCreated:\*, s3:ObjectRemoved:Delete, is told of nothing$/]],
    [
      "one where nobody shall be told",
      ", notifications: []",
      [rule()],
      [/^medium changed bucket .*expected told of nothing/],
    ],
    [
      "one where the spec says nothing",
      "",
      [rule()],
      [/^medium unmanaged notification orders: .*lake:webhook is told/],
    ],
  ])("%s", (_, notifications, live, words) => {
    expect(lines(notifications, server(...live))).toEqual(words.map((each) => expect.stringMatching(each)));
  });
});

describe("an import", () => {
  test("has the rules of the server in the words of a spec, and a scan finds nothing", () => {
    const rules = [
      rule({ events: ["s3:ObjectCreated:Put", "s3:ObjectRemoved:*"], suffix: ".csv" }),
      rule({ events: ["s3:ObjectCreated:Copy"], suffix: ".csv" }),
      rule({ target: "arn:minio:sqs::bus:kafka" }),
    ];
    const live = server(...rules);
    const { model, left } = imported(live);
    const told = model.platforms.flatMap(({ buckets }) => buckets.flatMap((each) => each.notifications ?? []));
    expect(told.map(notificationText)).toEqual([
      "bus:kafka (created)",
      "lake:webhook (s3:ObjectCreated:Copy, s3:ObjectCreated:Put, removed; keys *.csv)",
    ]);
    expect(left).toEqual([]);
    expect(compareServer(model, live).findings).toEqual([]);
  });

  test("leaves alone, with its reason, what no spec can say", () => {
    const { left } = imported(server(rule(), rule({ prefix: "raw/*" })));
    expect(left).toEqual([expect.objectContaining({ subject: { kind: "notification", name: "orders" } })]);
    expect(left[0]?.reason).toBe("its target or filter is none that a spec can name");
  });
});
