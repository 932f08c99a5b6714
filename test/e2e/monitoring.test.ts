import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Outcome, TestCheckout } from "../support/checkout.ts";
import { EmptyCluster } from "../support/empty-cluster.ts";
import { TestServer } from "../support/minio.ts";

const UP = ["pulumi", "up", "--yes", "--skip-preview"];
const CRDS = "/apis/monitoring.coreos.com/v1";

let checkout: TestCheckout;
let cluster: EmptyCluster;
let without: EmptyCluster;

beforeAll(async () => {
  checkout = await TestCheckout.make(undefined, await TestServer.start({ MINIO_PROMETHEUS_AUTH_TYPE: "jwt" }));
  writeFileSync(join(checkout.root, "index.ts"), 'import "./test/fixtures/monitoring-program/index.ts";\n');
  const core = { "/api/v1": ["Secret"] };
  cluster = await EmptyCluster.start({ ...core, [CRDS]: ["PrometheusRule"] }, configOf("with"));
  without = await EmptyCluster.start(core, configOf("without"));
});

afterAll(async () => {
  await checkout?.remove();
  cluster?.stop();
  without?.stop();
});

const configOf = (name: string): string => join(checkout.root, ".bucketworks", `kubeconfig-${name}`);
const pulumi = (of: string, ...args: string[]): Promise<Outcome> =>
  checkout.run("env", `KUBECONFIG=${configOf(of)}`, "pulumi", ...args);

/** Everything that either cluster was given. */
const given = () => [...without.writes(), ...cluster.writes()];

/** The token in the Secret that was given last. */
function exportedServiceAccounts(): string {
  const secrets = given().filter(({ url }) => url.includes("/secrets/minio-metrics"));
  const { data } = JSON.parse(secrets.at(-1)?.body ?? "{}") as { data: { token: string } };
  return Buffer.from(data.token, "base64").toString();
}

async function metrics(token: string): Promise<number> {
  const headers = { Authorization: `Bearer ${token}` };
  return (await fetch(`${checkout.server.url}/minio/v2/metrics/cluster`, { headers })).status;
}

test("where the kinds of Prometheus's operator aren't there, one sentence says so", async () => {
  const up = await pulumi("without", "up", "--yes", "--skip-preview");
  expect(up.code).not.toBe(0);
  expect(up.stdout + up.stderr).toMatch(
    /can't apply PrometheusRule mlops\/usdcop-object-storage: the server has no kind PrometheusRule of monitoring.coreos.com\/v1; is its CustomResourceDefinition there\?/,
  );
});

test("U-084: one update makes the metrics' user, hands its token over, and the token opens the metrics; the next preview is empty", async () => {
  const up = await pulumi("with", "up", "--yes", "--skip-preview");
  expect(up.code, up.stdout + up.stderr).toBe(0);
  const token = exportedServiceAccounts();
  expect(await metrics(token)).toBe(200);
  expect(given().map(({ url }) => url)).toContainEqual(
    expect.stringMatching(/namespaces\/mlops\/prometheusrules\/usdcop-object-storage\?/),
  );
  const preview = await pulumi("with", "preview", "--expect-no-changes");
  expect(preview.code, preview.stdout + preview.stderr).toBe(0);
  const state = await checkout.must("pulumi", "stack", "export");
  expect(state).not.toContain(token);
  expect(state).not.toContain(Buffer.from(token).toString("base64"));
});

test("without monitoring the token is worth nothing, and with it again there is another", async () => {
  const old = exportedServiceAccounts();
  const off = await checkout.run("env", "MONITORING=no", `KUBECONFIG=${configOf("with")}`, ...UP);
  expect(off.code, off.stdout + off.stderr).toBe(0);
  expect(await metrics(old)).toBe(403);
  const up = await checkout.run("env", `KUBECONFIG=${configOf("with")}`, ...UP);
  expect(up.code, up.stdout + up.stderr).toBe(0);
  expect(exportedServiceAccounts()).not.toBe(old);
  expect(await metrics(exportedServiceAccounts())).toBe(200);
  expect(await metrics(old)).toBe(403);
});
