import { afterAll, beforeAll, expect, test } from "vitest";
import { KeptRuns } from "../../cli/monitor/kept.ts";
import type { Alert } from "../../history/history.ts";
import { openHistory } from "../../history/open-history.ts";
import { dueAt } from "../../monitor/due.ts";
import type { RunSummary } from "../../report/schema.ts";
import { TestPostgres } from "../support/postgres.ts";

const of = { stage: "dev", server: "http://127.0.0.1:9000" };
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const aRun = (minute: number): RunSummary => ({
  ...{ at: at(minute), ...of, overall_health_score: 100, total_buckets: 1, unhealthy_buckets: 0 },
  ...{ bytes: null, latency_ms: 4.5, drift_findings: null },
});
const alert: Alert = { name: "BucketsUnhealthy", severity: "critical", platform: "shop", summary: "one." };

let postgres: TestPostgres;
let place: string;
beforeAll(async () => {
  // Whom the plan doesn't name the server lets in nowhere.
  const platforms = [
    { name: "shop", roles: ["historian", "drills"].map((name) => ({ name, description: "keeps runs" })) },
  ];
  postgres = await TestPostgres.start({ schemaVersion: 1, databases: [{ name: "history_db", platforms }] });
  const client = await postgres.superuser();
  await client.query("create role historian login password 'p@ss word'");
  await client.query("create database history_db owner historian");
  await client.end();
  place = `postgresql://historian:p%40ss%20word@127.0.0.1:${postgres.place.port}/history_db`;
});
afterAll(() => postgres?.stop());

test("PostgreSQL keeps what several monitors add at once, and of two that tell one alert one does", async () => {
  const histories = await Promise.all([1, 2, 3].map(() => openHistory(place)));
  await Promise.all(
    histories.flatMap((history, index) => [0, 1, 2].map((round) => history.add(aRun(index * 3 + round)))),
  );
  await histories[0]?.add(aRun(4));
  expect(await histories[1]?.last(of, 100)).toEqual(Array.from({ length: 9 }, (_, minute) => aRun(minute)));
  for (const history of histories) await history.alerts.note(of, [alert], () => true, at(10));
  const due = dueAt(new Date(at(10)), () => 3600);
  const claims = await Promise.all(histories.map((history) => history.alerts.claim(of, "on-call", due, at(12))));
  expect(claims.map(({ length }) => length).sort()).toEqual([0, 0, 1]);
  await Promise.all(histories.map((history) => history.close()));
});

test("a history that is away for a while loses no run, and alerts go on being known", async () => {
  const said: string[] = [];
  const kept = new KeptRuns(await openHistory(place), (sentence) => said.push(sentence));
  await kept.add(aRun(20));
  await postgres.pause();
  await kept.add(aRun(21));
  await kept.withAlerts((book) => book.note(of, [alert], () => true, at(21)));
  expect(await kept.withAlerts((book) => book.firing(of))).toMatchObject([{ name: alert.name, since: at(21) }]);
  expect(said.length).toBeGreaterThan(0);
  await postgres.resume();
  await kept.add(aRun(22));
  expect((await kept.last(of, 3)).map((run) => run.at)).toEqual([at(20), at(21), at(22)]);
  await kept.close();
});

test("postgresql:// alone is the login that a pod is given; a role that may make no schema uses the one that is there", async () => {
  const client = await postgres.superuser("history_db");
  await client.query("create role drills login password 'secret'");
  await client.query("grant select, insert, update, delete on all tables in schema bucketworks_history to drills");
  const login = {
    PGHOST: "127.0.0.1",
    PGPORT: String(postgres.place.port),
    PGUSER: "drills",
    PGPASSWORD: "secret",
    PGDATABASE: "history_db",
  };
  const drill = {
    at: at(1),
    passed: true,
    sample: true,
    objects: 1,
    bytes: 1,
    loss_seconds: 2,
    duration_seconds: 3,
    failure: null,
  };
  await expect(withVariables(login, () => openHistory("postgresql://"))).rejects.toThrow(
    /^history: PostgreSQL refuses its tables: no schema has been selected to create in; let its owner make schema/,
  );
  await client.query("grant usage, create on schema bucketworks_history to drills");
  await client.end();
  const history = await withVariables(login, () => openHistory("postgresql://"));
  await history.drills.add(of, "data", drill);
  await history.close();
  const others = await openHistory(place);
  expect(await others.drills.last(of)).toEqual(new Map([["data", drill]]));
  await others.close();
  await expect(withVariables({ ...login, PGHOST: "" }, () => openHistory("postgresql://"))).rejects.toThrow(
    "PGHOST, PGUSER or PGDATABASE isn't set",
  );
});

async function withVariables<T>(variables: Record<string, string>, work: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    return await work();
  } finally {
    process.env = before;
  }
}

test("a server that is away and a wrong password are refused in a sentence that holds no password", async () => {
  const wrong = place.replace("p%40ss%20word", "s3cr3t");
  await expect(openHistory(wrong)).rejects.toThrow(
    /^history: role historian can't use database history_db at 127.0.0.1: .*; set PGPASSWORD$/,
  );
  await expect(openHistory(wrong)).rejects.not.toThrow("s3cr3t");
  await expect(openHistory("postgresql://historian@127.0.0.1:1/history")).rejects.toThrow(
    /PostgreSQL at 127.0.0.1:1 doesn't answer/,
  );
  await expect(openHistory("postgresql://127.0.0.1/history")).rejects.toThrow(
    "must be postgresql://USER@HOST:PORT/DATABASE",
  );
});
