import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { expectedRequests } from "../../builders/services/server-requests.ts";
import { readStackFile } from "../../cli/stack-file.ts";
import type { DeclaredConfiguration } from "../../config/minio-server/configuration.ts";
import { LiveClient } from "../../live/client.ts";
import { readConfiguration } from "../../live/read-configuration.ts";
import { withReader } from "../../live/reader.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { configurationFindings } from "../../scan/compare/configuration.ts";
import { eventually, LocalCheckout } from "../support/local-checkout.ts";
import { MessageReceiver } from "../support/message-receiver.ts";
import { freePort } from "../support/minio.ts";

/** Every setting, none at MinIO's default. */
const TUNING = {
  siteName: "riga-1",
  scannerSpeed: "slow",
  requestsMax: 900,
  listQuorum: "optimal",
  gzipObjects: true,
  directIo: false,
  deleteCleanupInterval: "7m",
  transitionWorkers: 7,
  expirationWorkers: 8,
  driveTimeout: "45s",
};

let local: LocalCheckout;
let port: number;
let receiver: MessageReceiver;

beforeAll(async () => {
  local = await LocalCheckout.make();
  port = await freePort();
  receiver = new MessageReceiver();
  await receiver.listen(port);
});

afterAll(async () => {
  receiver.stop();
  await local.remove();
});

function settings(server: object): void {
  writeFileSync(join(local.checkout.root, "Pulumi.dev.yaml"), stringify({ config: { "bucketworks:server": server } }));
}

const address = (): ServerAddress => ({
  ...{ endpoint: `127.0.0.1:${local.port}`, secure: false, region: "us-east-1" },
  accessKey: local.text(local.checkout.minio.rootUser),
  secretKey: local.text(local.checkout.minio.rootPassword),
});

/** What `scan` would find of the configuration. */
async function found(more: DeclaredConfiguration = {}): Promise<string[]> {
  const live = await withReader(address(), {}, (reader) => readConfiguration(reader));
  if (!("value" in live) || live.value === null) throw new Error("root may read it");
  const { expected, isDeclared } = readStackFile(local.checkout.root, "dev").configuration;
  expect(isDeclared).toBe(true);
  return configurationFindings({ ...expected, ...more }, live.value).map(
    ({ severity, kind, subject, path }) => `${severity} ${kind} ${subject.name} ${path}`,
  );
}

/** Names of objects of which the webhook was told. */
const told = (): (string | undefined)[] =>
  (receiver.messages as unknown as { api?: { name?: string; object?: string } }[])
    .filter(({ api }) => api?.name === "PutObject")
    .map(({ api }) => api?.object);

describe("the local server", () => {
  test("starts with all that the stack dev tunes (M-064), and scan finds it as declared; a change starts it anew and is found before", async () => {
    settings({ tuning: TUNING, audit: { url: `http://127.0.0.1:${port}/audit` } });
    expect((await local.start()).how).toBe("started");
    expect(await found()).toEqual([]);
    expect((await local.start()).how).toBe("reused");
    const other = { ...TUNING, siteName: "riga-2", scannerSpeed: "fast", requestsMax: 901, listQuorum: "strict" };
    const rest = { gzipObjects: false, directIo: true, deleteCleanupInterval: "8m", transitionWorkers: 9 };
    settings({
      tuning: { ...other, ...rest, expirationWorkers: 9, driveTimeout: "46s" },
      audit: { url: "http://127.0.0.1:1/x" },
    });
    expect((await found()).sort()).toEqual([
      "high changed audit_webhook:bucketworks endpoint",
      "low changed api delete_cleanup_interval",
      "low changed api gzip_objects",
      "low changed api list_quorum",
      "low changed api odirect",
      "low changed api requests_max",
      "low changed drive max_timeout",
      "low changed ilm expiration_workers",
      "low changed ilm transition_workers",
      "low changed scanner speed",
      "low changed site name",
    ]);
    settings({ tuning: { ...TUNING, scannerSpeed: "fast" }, audit: { url: `http://127.0.0.1:${port}/audit` } });
    expect((await local.start()).how).toBe("restarted");
    expect(await found()).toEqual([]);
  });

  test("tells a webhook of every request (U-086); what it couldn't tell waits on the disk, and is told when the webhook is back", async () => {
    const client = new LiveClient(address());
    await client.send({ method: "PUT", bucketName: "audited" });
    await client.put("audited", "while-it-listens", "1");
    await eventually(() => told().includes("while-it-listens"));
    receiver.stop();
    await client.put("audited", "while-it-is-away", "2");
    const { audit } = local.checkout.minio;
    await eventually(() => existsSync(audit) && readdirSync(audit, { recursive: true }).length > 0);
    receiver = new MessageReceiver();
    await receiver.listen(port);
    await eventually(() => told().includes("while-it-is-away"));
    client.close();
  });

  test("tells the shipper of logs of its requests where there is a token for it, which no record of the process has", async () => {
    const folder = join(local.checkout.services, "log_shipper");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "endpoint"), `127.0.0.1:${port}`);
    writeFileSync(join(folder, "requests-token"), "canary-of-the-token");
    expect((await local.start()).how).toBe("restarted");
    expect(await found()).toEqual(["high unmanaged audit_webhook:logs "]);
    expect(await found(expectedRequests(`127.0.0.1:${port}`))).toEqual([]);
    expect(local.text(local.checkout.minio.run)).not.toContain("canary-of-the-token");
    await eventually(() => receiver.messages.length > 0);
    rmSync(join(folder, "requests-token"));
    expect((await local.start()).how).toBe("restarted");
    expect(await found()).toEqual([]);
  });
});
