import { randomInt } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { afterAll, beforeAll, expect, test } from "vitest";
import { alertmanagerSettings } from "../../builders/services/alertmanager.ts";
import { startAlertmanager } from "../support/alertmanager.ts";
import { eventually } from "../support/local-checkout.ts";
import { MailServer } from "../support/mail-server.ts";
import { MessageReceiver } from "../support/message-receiver.ts";
import { freePort } from "../support/minio.ts";
import { Monitored } from "../support/monitored.ts";
import { SecureMailServer } from "../support/secure-mail-server.ts";
import { makeCertificate } from "../support/tls.ts";
import { TlsReceiver } from "../support/tls-receiver.ts";

let monitored: Monitored;
let mail: MailServer;
const stops: (() => void)[] = [];

beforeAll(async () => {
  [monitored, mail] = await Promise.all([Monitored.start(), MailServer.start()]);
});
afterAll(async () => {
  for (const stop of stops) stop();
  mail?.stop();
  await monitored?.stop();
});

async function listening(): Promise<{ receiver: MessageReceiver; port: number }> {
  const [receiver, port] = [new MessageReceiver(), await freePort()];
  await receiver.listen(port);
  stops.push(() => receiver.stop());
  return { receiver, port };
}

const webhook = (port: number) => ({ receivers: { "on-call": { webhook: `http://127.0.0.1:${port}/secret-path` } } });
const told = ({ messages }: MessageReceiver) =>
  messages.map(({ status, groupLabels }) => `${status} ${groupLabels.alertname}`);

test("U-002, U-056, U-084, U-106, U-049, U-050: a server that is killed is seen in the metrics, by webhook and mail, and on the report within one interval, and so is its return; SIGTERM ends the monitor with whole results", async () => {
  const { receiver, port } = await listening();
  const results = join(monitored.folder, "monitoring_results.json");
  const smtp = { server: `127.0.0.1:${mail.port}`, from: "alerts@example.org", tls: false };
  const { receivers } = webhook(port);
  const env = monitored.env("outage", { smtp, receivers: { ...receivers, people: { email: "people@example.org" } } });
  const monitor = await monitored.watch({ ...env, VALIDATION_INTERVAL: "2" }, "--output", results, "--format", "json");
  await eventually(async () => (await monitor.metric("health_score").catch(() => undefined)) === 100);
  expect(await monitor.metric("interval_seconds")).toBe(2);
  expect(await monitor.health()).toBe(200);
  expect(receiver.messages).toEqual([]);

  await monitored.server.pause("SIGKILL");
  const before = await monitor.metric("runs_total");
  await eventually(async () => (await monitor.metric("server_reachable")) === 0);
  await eventually(() => told(receiver).length > 0 && mail.subjects.length > 0);
  expect(await monitor.metric("runs_total")).toBeLessThanOrEqual((before ?? 0) + 2);
  expect(await monitor.metric("unhealthy_buckets")).toBe(2);
  expect(await monitor.metric("health_score")).toBeUndefined();
  const page = join(monitored.folder, "page");
  const away = await monitored.run(env, "report", "--out", page);
  expect(away.code).toBe(3);
  const shown = JSON.parse(readFileSync(join(page, "report.json"), "utf8"));
  expect(shown).toMatchObject({ overall_health_score: null, unhealthy_buckets: 2 });
  // What the monitor kept is the trend of the report.
  expect(shown.trend.map((run: { overall_health_score: number | null }) => run.overall_health_score)).toContain(100);
  const text = parseHTML(readFileSync(join(page, "report.html"), "utf8")).document.querySelector("main")?.textContent;
  expect(text).toContain("Nothing could be looked at.");
  expect(text?.replaceAll(/\s+/g, " ")).toMatch(/could not be looked at in 2 places.*orders.*connection refused/);

  await monitored.server.resume();
  await eventually(async () => (await monitor.metric("health_score")) === 100);
  await eventually(() => told(receiver).length === 2 && mail.subjects.length === 2);
  expect(told(receiver)).toEqual(["firing StorageUnreachable", "resolved StorageUnreachable"]);
  expect(mail.subjects).toEqual(["FIRING trial: StorageUnreachable", "RESOLVED trial: StorageUnreachable"]);
  expect((await monitored.run(env, "report")).code).toBe(0);

  expect(await monitor.end()).toBe(143);
  const { schemaVersion, runs } = JSON.parse(readFileSync(results, "utf8"));
  expect(schemaVersion).toBe(1);
  const scores = runs.map((run: { overall_health_score: number | null }) => run.overall_health_score);
  expect([...new Set(scores)]).toEqual([100, null]);
  expect(scores.at(-1)).toBe(100);
  const lines = monitor.said.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toEqual(runs.map((run: object) => ({ schemaVersion: 1, ...run })));
  expect(monitor.said.err).not.toContain("secret-path");
});

test("an alert is told once by two monitors at once and by those that come after them, and once when it is over; a receiver that was away is told later", async () => {
  const { receiver, port } = await listening();
  const env = monitored.env("twice", webhook(port));
  expect((await monitored.once(env)).code).toBe(0);
  await monitored.mc.run("version", "suspend", "t/orders");
  receiver.stop();
  const away = await monitored.once(env);
  expect(away.code).toBe(1);
  expect(away.stdout).toContain("1 of 2 not healthy");
  expect(away.stdout).toContain("alerts: trial BucketsUnhealthy (warning), trial ScoreDropped");
  const again = "monitor: receiver on-call can't be reached (ECONNREFUSED); it is tried again\n";
  expect(away.stderr).toBe(again);
  const back = new MessageReceiver();
  await back.listen(port);
  stops.push(() => back.stop());
  const both = await Promise.all([1, 2].map(() => monitored.watch(env, "--interval", "1s")));
  const hasRun = (each: (typeof both)[number]) => async () =>
    ((await each.metric("runs_total").catch(() => 0)) ?? 0) >= 3;
  for (const each of both) await eventually(hasRun(each), 120_000);
  for (const each of both) expect(await each.end()).toBe(143);
  await monitored.once(env);
  expect(told(back).sort()).toEqual(["firing BucketsUnhealthy", "firing ScoreDropped"]);
  expect(back.messages[0]?.alerts[0]?.annotations.summary).toMatch(/orders/);
  await monitored.mc.run("version", "enable", "t/orders");
  for (const code of [0, 0]) expect((await monitored.once(env)).code).toBe(code);
  expect(told(back).sort().slice(2)).toEqual(["resolved BucketsUnhealthy", "resolved ScoreDropped"]);
});

test("Slack over https and mail after STARTTLS, with a login, reach receivers whose authority NODE_EXTRA_CA_CERTS names; without it, and without STARTTLS, nothing is sent", async () => {
  const certificate = makeCertificate();
  const [trusting, bare] = await Promise.all([
    SecureMailServer.start(certificate),
    SecureMailServer.start(certificate, { disabledCommands: ["STARTTLS"] }),
  ]);
  const slack = await TlsReceiver.start(certificate);
  stops.push(
    () => trusting.stop(),
    () => bare.stop(),
    () => slack.stop(),
    () => certificate.remove(),
  );
  const alerts = (server: SecureMailServer) => ({
    smtp: { server: `127.0.0.1:${server.port}`, from: "a@example.org", user: "alerts", password: "Canary-mail-7Zq" },
    receivers: {
      people: { email: "people@example.org" },
      chat: { slack: `https://127.0.0.1:${slack.port}/services/Canary-hook`, channel: "#storage" },
    },
  });
  await monitored.mc.run("version", "suspend", "t/orders");
  try {
    const strange = await monitored.once(monitored.env("tls", alerts(trusting)));
    expect(strange.stderr).toMatch(
      /receiver people the mail server 127\.0\.0\.1:\d+ doesn't take it \(\w+\); it is tried/,
    );
    expect(strange.stderr).toMatch(/receiver chat can't be reached \(\w+\); it is tried again/);
    const trusts = { NODE_EXTRA_CA_CERTS: certificate.caFile };
    const plain = await monitored.once(monitored.env("plain", alerts(bare), trusts));
    expect(plain.stderr).toMatch(/receiver people the mail server \S+ doesn't take it/);
    expect([...trusting.passwords, ...bare.passwords, ...trusting.mails, ...bare.mails]).toEqual([]);
    slack.bodies.length = 0;
    const { stderr } = await monitored.once(monitored.env("tls", alerts(trusting), trusts));
    expect(stderr).toBe("");
    expect(trusting.mails.map(({ to, user }) => [to, user])).toEqual([[["people@example.org"], "alerts"]]);
    expect(trusting.mails[0]?.text).toMatch(/^Subject: FIRING trial: BucketsUnhealthy/m);
    expect(slack.bodies[0]).toEqual({
      channel: "#storage",
      text: expect.stringMatching(/^\*FIRING trial: Buckets.*orders/s),
    });
    expect(JSON.stringify([strange, plain])).not.toContain("Canary");
  } finally {
    await monitored.mc.run("version", "enable", "t/orders");
  }
});

/** Ports below 1024 are root's on most machines. */
const without465 = process.getuid?.() === 0 ? undefined : "port 465 is root's";

test.skipIf(without465 !== undefined)("mail on port 465 is sent over TLS from the first byte", async () => {
  // An address that no other run of the tests listens on.
  const host = `127.83.${randomInt(1, 250)}.${randomInt(1, 250)}`;
  const certificate = makeCertificate([host]);
  const server = await SecureMailServer.start(certificate, { secure: true }, { host, port: 465 });
  stops.push(
    () => server.stop(),
    () => certificate.remove(),
  );
  const smtp = { server: `${host}:465`, from: "a@example.org", user: "alerts", password: "a-mail-password" };
  const alerts = { smtp, receivers: { people: { email: "people@example.org" } } };
  const env = monitored.env("implicit", alerts, { NODE_EXTRA_CA_CERTS: certificate.caFile });
  await monitored.mc.run("version", "suspend", "t/orders");
  try {
    expect((await monitored.once(env)).stderr).toBe("");
    expect(server.mails.map(({ user }) => user)).toEqual(["alerts"]);
  } finally {
    await monitored.mc.run("version", "enable", "t/orders");
  }
});

test("where Alertmanager runs it tells the receivers, by their filters; while it doesn't answer they are told directly", async () => {
  const { receiver, port } = await listening();
  const alerts = { ...webhook(port) };
  const settings = { groupWaitSeconds: 1, groupIntervalSeconds: 1, repeatSeconds: 3600, port: 1 };
  const listen = await freePort();
  const env = monitored.env("alertmanager", alerts, { BUCKETWORKS_ALERTMANAGER: `http://127.0.0.1:${listen}` });
  const alertmanager = startAlertmanager(
    join(monitored.folder, "alertmanager"),
    alertmanagerSettings(settings, { ...alerts }),
    listen,
  );
  stops.push(() => alertmanager.kill());
  await eventually(async () => (await fetch(`http://127.0.0.1:${listen}/-/ready`).catch(() => undefined))?.ok === true);
  await monitored.mc.run("rb", "t/invoices");
  expect((await monitored.once(env)).code).toBe(1);
  await eventually(() => receiver.said("firing", "BucketsUnhealthy").length === 1);
  // From Alertmanager, whose message says so.
  expect((receiver.messages[0] as unknown as { externalURL: string }).externalURL).not.toBe("");
  alertmanager.kill();
  await monitored.mc.run("tag", "set", "t/orders", "a=b");
  const direct = await monitored.once(env);
  expect(direct.stderr).toContain(
    `Alertmanager at http://127.0.0.1:${listen} can't be reached (ECONNREFUSED); receivers are told directly`,
  );
  expect(direct.code).toBe(1);
  const last = receiver.messages.at(-1) as unknown as { externalURL: string; commonLabels: object };
  expect(last).toMatchObject({ externalURL: "", commonLabels: { platform: "trial" } });
  await monitored.mc.run("tag", "remove", "t/orders");
});

test("U-051, U-086: an answer is waited for as long as HEALTH_CHECK_TIMEOUT says, and LOG_LEVEL=debug shows each request with its time", async () => {
  const env = monitored.env("slow", undefined, { HEALTH_CHECK_TIMEOUT: "1", LOG_LEVEL: "debug" });
  const right = await monitored.run(env, "verify");
  const requests = right.stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  expect(requests).toContainEqual(
    expect.objectContaining({
      event: "request",
      method: "GET",
      path: "/orders?versioning",
      status: 200,
      duration_ms: expect.any(Number),
    }),
  );
  expect(right.stderr).not.toContain(monitored.server.password);
  monitored.server.freeze();
  const frozen = await monitored.once(env);
  monitored.server.thaw();
  expect(frozen.code).toBe(3);
  const unanswered = frozen.stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  // Without the variable it would be 15 seconds.
  for (const { status, duration_ms } of unanswered) expect([status, duration_ms < 10_000]).toEqual([undefined, true]);
  expect(unanswered.length).toBeGreaterThan(0);
});

test("U-047, U-048: ENVIRONMENT names the stage and CONFIG_DIR with BUCKET_CONFIG_FILE the platform file, where the command line doesn't", async () => {
  const folder = join(monitored.folder, "config");
  mkdirSync(folder);
  writeFileSync(join(folder, "mine.yaml"), readFileSync(monitored.spec.path));
  const env = monitored.env("variables", undefined, { CONFIG_DIR: folder, BUCKET_CONFIG_FILE: "mine.yaml" });
  const { bucketworks } = await import("../support/verified.ts");
  const verified = await bucketworks(["verify", "--no-identities"], { ...env, ENVIRONMENT: "dev" });
  expect(verified.stdout).toContain("(stage dev,");
  expect(verified.stdout).toContain("2 buckets");
  const other = await bucketworks(["verify", "--no-identities"], { ...env, ENVIRONMENT: "nowhere" });
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('no stack "nowhere"')]);
});

test("what a monitor can't use is refused in a sentence before the first run: another file as --output, a port that is taken, receivers with faults", async () => {
  const env = monitored.env("refused", { receivers: { "on-call": { webhook: "nothing" } } });
  const faulty = await monitored.once(env);
  expect([faulty.code, faulty.stderr]).toEqual([2, expect.stringContaining("must be an http or https URL")]);
  const file = join(monitored.folder, "precious.json");
  writeFileSync(file, "{}");
  const plain = monitored.env("refused", undefined);
  delete plain.BUCKETWORKS_ALERTS_FILE;
  const output = await monitored.once(plain, "--output", file);
  expect([output.code, output.stderr]).toEqual([
    2,
    expect.stringContaining("holds no results of a monitor; move it away"),
  ]);
  expect(readFileSync(file, "utf8")).toBe("{}");
  const [, port] = monitored.server.endpoint.split(":");
  const taken = await monitored.once(plain, "--metrics-port", String(port));
  expect([taken.code, taken.stderr]).toEqual([2, expect.stringContaining("can't be had at 127.0.0.1 (EADDRINUSE)")]);
});
