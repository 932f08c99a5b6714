import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, test } from "vitest";
import { MinioDeployment } from "../../components/kubernetes/minio-deployment.ts";
import { MinioServerConfig } from "../../config/minio-server/schema.ts";
import { NotificationTargets } from "../../config/stack/notification-targets.ts";
import { type Registration, recordRegistrations } from "../support/registrations.ts";

const CANARY = "canary-4711";
const TARGETS = NotificationTargets.parse({
  lake: { type: "webhook", endpoint: "https://lake.example/told" },
  log: { type: "postgresql", host: "db", database: "d", user: "teller", table: "events" },
});

let of: (name: string) => Registration;
beforeEach(async () => {
  of = await recordRegistrations();
});

/** The pods of a server that has these secrets, and its own Secret, as they are told to the engine. */
async function deployed(secrets?: object): Promise<{ set: string; secret: string; told: string }> {
  new MinioDeployment("minio", {
    server: MinioServerConfig.parse({}),
    region: undefined,
    root: { user: pulumi.secret("u"), password: pulumi.secret("p") },
    kmsKey: pulumi.secret("k:x"),
    auditToken: undefined,
    notificationTargets: TARGETS,
    notificationSecrets: secrets && pulumi.secret(JSON.stringify(secrets)),
    image: undefined,
    provider: new Provider("kubernetes"),
  });
  await pulumi.runtime.disconnect();
  const [set, secret] = [of("StatefulSet/minio").inputs, of("Secret/minio-root").inputs];
  return { set: JSON.stringify(set), secret: JSON.stringify(secret.stringData), told: JSON.stringify(secret) };
}

test("tokens and addresses of targets are in the server's Secret alone, as secrets; pods are renewed when one changes", async () => {
  const first = await deployed({ lake: { token: CANARY }, log: { password: CANARY } });
  expect(first.secret).toContain(`"notify-lake":"${CANARY}"`);
  expect(first.secret).toContain(`password='${CANARY}'`);
  expect(first.set).not.toContain(CANARY);
  expect(first.set).toContain('"key":"notify-log"');
  of = await recordRegistrations();
  const same = await deployed({ lake: { token: CANARY }, log: { password: CANARY } });
  of = await recordRegistrations();
  const other = await deployed({ lake: { token: CANARY }, log: { password: "another" } });
  expect([same.set === first.set, other.set === first.set]).toEqual([true, false]);
});

test("without any the pods are told the targets, and nothing of a secret", async () => {
  const { set, secret } = await deployed();
  expect(set).toContain('"name":"MINIO_NOTIFY_WEBHOOK_ENDPOINT_lake","value":"https://lake.example/told"');
  expect(set).not.toMatch(/AUTH_TOKEN|CONNECTION_STRING|notification-secrets/);
  expect(secret).not.toContain("notify-");
});
