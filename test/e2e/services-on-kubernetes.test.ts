import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dashboardFiles } from "../../builders/services/dashboards/dashboards.ts";
import type { Outcome } from "../support/checkout.ts";
import type { ClusterCheckout } from "../support/cluster-checkout.ts";
import type { TestCluster } from "../support/kubernetes/cluster.ts";
import { whyNoCluster } from "../support/kubernetes/test-cluster.ts";
import { eventually } from "../support/local-checkout.ts";
import { counts, writesLines } from "../support/logging-pods.ts";
import { TRAINING_ACCOUNTS, trainsOnce } from "../support/pipelines/training-in-cluster.ts";
import { ServiceStack } from "../support/service-stack.ts";
import { askSecured, type ServicesCertificate } from "../support/services-certificate.ts";
import { Signer } from "../support/signed-tokens.ts";
import { ROOT } from "../support/toolchain.ts";

const reason = whyNoCluster();

/** What the stand-in in Grafana's place says. */
interface Found {
  readonly dashboards: Readonly<Record<string, string>>;
  readonly provisioned: Readonly<Record<string, string>>;
  readonly password: string;
  readonly user: number;
  readonly source: number | string;
  readonly writes: readonly string[];
}

describe.skipIf(reason !== undefined)(
  reason ?? "services on Kubernetes, from the platform's own file, with TLS between them",
  () => {
    let stack: ServiceStack;
    let cluster: TestCluster;
    let checkout: ClusterCheckout;
    let certificate: ServicesCertificate;
    const signer = new Signer();

    beforeAll(async () => {
      stack = await ServiceStack.prepare(signer);
      ({ cluster, checkout, certificate } = stack);
    }, 900_000);

    afterAll(() => stack?.remove());

    const kubectl = (...args: string[]): Promise<string> => cluster.kubectl("-n", checkout.namespace, ...args);
    const said = ({ stdout, stderr }: Outcome): string => stdout + stderr;

    test("one update brings them to Ready; a second one has nothing to do, and the house rules hold", {
      timeout: 600_000,
    }, async () => {
      const up = await checkout.pulumi("up", "--yes", "--skip-preview");
      expect(up.code, said(up)).toBe(0);
      const stage = JSON.parse(readFileSync(join(checkout.root, "policy/stages/dev.json"), "utf8"));
      const tokens = { allowed: [`${checkout.namespace}/log-shipper`] };
      checkout.writeFile("rules.json", JSON.stringify({ ...stage, "kubernetes-service-account-token": tokens }));
      const pack = ["--policy-pack", "policy", "--policy-pack-config", "rules.json"];
      const preview = await checkout.pulumi("preview", "--expect-no-changes", "--refresh", ...pack);
      expect(preview.code, said(preview)).toBe(0);
    });

    test("a model that is trained beside it and registered in MLflow makes the model API ready, and it answers", {
      timeout: 600_000,
    }, async () => {
      const waiting = await kubectl("get", "deployment", "mlops-model-api", "-o", "jsonpath={.status.readyReplicas}");
      expect(waiting).toBe("");
      const mlflow = `https://${certificate.hostOf("mlops-mlflow")}:5000`;
      await trainsOnce(checkout, mlflow, `mlops-mlflow-login-${TRAINING_ACCOUNTS.training}`, "supplied");
      await kubectl("wait", "deployment/mlops-model-api", "--for=condition=Available", "--timeout=120s");
      const masked = (token?: string) =>
        stack.answer("mlops-model-api", 8000, "/predict", {
          method: "POST",
          headers: {
            "content-type": "application/json",
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
          },
          body: JSON.stringify({ text: "Please write to maria.lopez@example.org about it." }),
        });
      const { status, text } = await masked(signer.token("tester", ["predictor"]));
      expect(status, text).toBe(200);
      expect(text).not.toContain("maria.lopez@example.org");
      expect((await masked()).status).toBe(401);
      expect((await masked(new Signer().token("stranger", ["predictor"]))).status).toBe(401);
    });

    test("the report on drift knows each replica of the model API by its certificate", {
      timeout: 120_000,
    }, async () => {
      await kubectl("create", "job", "drift", "--from=cronjob/mlops-drift-report");
      await cluster.jobDone(checkout.namespace, "drift", 90);
      expect(await kubectl("logs", "job/drift")).toContain("s3://mlops-reports/drift/");
    });

    test("MLflow asks for a login: a reader's opens it for reading, a stranger's not at all", async () => {
      const password = await stack.secret("mlops-mlflow-login-ana", "MLFLOW_TRACKING_PASSWORD");
      const asked = async (path: string, given: string, init = {}): Promise<number> => {
        const authorization = `Basic ${Buffer.from(`ana:${given}`).toString("base64")}`;
        const headers = { "content-type": "application/json", authorization };
        return (await stack.answer("mlops-mlflow", 5000, `/api/2.0/mlflow/${path}`, { ...init, headers })).status;
      };
      const search = "registered-models/search";
      expect([await asked(search, password), await asked(search, `${password}x`)]).toEqual([200, 401]);
      const make = { method: "POST", body: JSON.stringify({ name: "of-ana" }) };
      expect(await asked("experiments/create", password, make)).toBe(403);
    });

    test("a stand-in in Grafana's place finds the laptop's dashboards and a password of its own, and writes where Grafana may", async () => {
      const found = await stack.ask<Found>("grafana", 3000, "/found");
      expect(found.dashboards).toEqual(dashboardFiles());
      expect(found.provisioned["datasources/prometheus.yml"]).toContain(
        `url: https://${certificate.hostOf("prometheus")}:9090\n`,
      );
      expect(found.source).toBe(200);
      expect(found.password).toMatch(/^[\w-]{43}$/);
      expect([found.user, found.writes]).toEqual([472, ["/var/lib/grafana", "/tmp"]]);
      expect(await stack.secret("grafana-login", "password")).toBe(found.password);
    });

    test("ML-061: lines of every pod are searched from a laptop, also those that pods wrote while shipper and store were killed", {
      timeout: 240_000,
    }, async () => {
      const MOST = 200;
      // While the store is renewed a search ends with exit code 3, and is asked again.
      const found = () => stack.stats("counter", "count_uniq(_msg)").catch(() => 0);
      await counts(cluster, checkout.namespace, "counter", MOST);
      await eventually(async () => (await found()) > 0, 60_000);
      await kubectl("delete", "pod", "log-shipper-0", "--grace-period=0", "--force", "--wait=false");
      await eventually(async () => (await found()) > MOST / 2, 90_000);
      await kubectl("delete", "pod", "log-store-0", "--grace-period=0", "--force", "--wait=false");
      await eventually(async () => (await found()) === MOST, 120_000);
      const services = (await stack.searched("* | stats by (service) count() lines")).map(({ service }) => service);
      expect(services).toEqual(expect.arrayContaining(["minio", "mlflow", "model-api", "prometheus", "log_shipper"]));
    });

    test("no canary that a pod writes gets into the store", { timeout: 120_000 }, async () => {
      const { hidden } = JSON.parse(readFileSync(join(ROOT, "pipelines/shared/tests/masking-cases.json"), "utf8")) as {
        readonly hidden: readonly (readonly [string, string, string])[];
      };
      const texts = hidden.map(([, text]) => text.replaceAll("\n", "\\n"));
      const documents = texts.map((text) =>
        JSON.stringify({ message: text, deep: { said: [text], secret_key: text } }),
      );
      await writesLines(cluster, checkout.namespace, "canaries", [...texts, ...documents]);
      await eventually(async () => (await stack.stats("canaries", "count()")) === 2 * texts.length, 60_000);
      const stored = JSON.stringify(await stack.searched("pod:=canaries"));
      for (const [name, , canary] of hidden) expect(stored.includes(canary), name).toBe(false);
    });

    test("a stranger reads no logs on the cluster, and who may read can't write", async () => {
      const [user, password] = await Promise.all(["user", "password"].map((key) => stack.secret("logs-login", key)));
      const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
      const status = async (service: string, port: number, path: string, headers: Record<string, string>) =>
        (await stack.answer(service, port, path, { method: "POST", headers })).status;
      const find = "/select/logsql/query?query=*";
      expect(await status("logs", 9428, find, {})).toBe(401);
      expect(await status("log-store", 9429, find, { authorization })).toBe(401);
      expect(await status("logs", 9428, "/insert/jsonline", { authorization })).toBeGreaterThanOrEqual(400);
      expect(await status("logs", 9428, find, { authorization })).toBe(200);
    });

    test("Prometheus reads the object store and all services, with logins where they ask for one; the prediction is counted", {
      timeout: 180_000,
    }, async () => {
      await eventually(async () => (await stack.targets()).every(({ health }) => health === "up"), 90_000);
      const logs = ["log-shipper", "log-store", "logs"];
      const models = ["mlflow", "model-api"];
      const jobs = [
        "alertmanager",
        "grafana",
        ...logs,
        "minio-service",
        "minio-service",
        ...models,
        "postgres-exporter",
        "prometheus",
      ];
      expect((await stack.targets()).map(({ labels }) => labels.job).sort()).toEqual(jobs);
      const series = async (query: string): Promise<readonly { readonly value: readonly [number, string] }[]> => {
        const path = `/api/v1/query?query=${encodeURIComponent(query)}`;
        return (await stack.ask<{ data: { result: { value: [number, string] }[] } }>("prometheus", 9090, path)).data
          .result;
      };
      expect((await series('up{job="model-api",platform="mlops"}')).map(({ value }) => value[1])).toEqual(["1"]);
      const databases = (await series("pg_database_size_bytes")).length;
      expect([databases >= 2, (await series("pg_up")).map(({ value }) => value[1])]).toEqual([true, ["1"]]);
      const counted = async () => Number((await series("sum(model_api_predictions_total)"))[0]?.value[1] ?? 0);
      await eventually(async () => (await counted()) >= 1, 60_000);
    });

    /** Every service, by its port. */
    const SERVICES = {
      alertmanager: 9093,
      grafana: 3000,
      logs: 9428,
      "log-shipper": 9430,
      "log-store": 9429,
      "mlops-mlflow": 5000,
      "mlops-model-api": 8000,
      "postgres-exporter": 9187,
      prometheus: 9090,
    };

    test("ML-098: no service takes plain HTTP, and none is taken for itself by who doesn't know its authority", {
      timeout: 120_000,
    }, async () => {
      for (const [service, port] of Object.entries(SERVICES)) {
        const host = certificate.hostOf(service);
        await stack.through(service, port, async (address) => {
          const plain = await fetch(`http://${address}/metrics`).then(
            ({ status }) => status,
            () => "refused",
          );
          expect([400, "refused"], service).toContain(plain);
          const stranger = askSecured(`https://${address}/metrics`, { ca: undefined, host });
          await expect(stranger, service).rejects.toThrow(/unable to (verify|get)|self.signed/);
          const other = askSecured(`https://${address}/metrics`, {
            ca: certificate.authority,
            host: "elsewhere.example",
          });
          await expect(other, service).rejects.toThrow(/altnames/);
        });
      }
    });

    test("ML-098: a renewed certificate is served without a restart, and everybody goes on", {
      timeout: 300_000,
    }, async () => {
      // Our stand-in in Grafana's place reads it once; Grafana itself isn't here.
      const renewing = Object.entries(SERVICES).filter(([service]) => service !== "grafana");
      const serials = () =>
        Promise.all(renewing.map(async ([service, port]) => (await stack.answer(service, port, "/")).serial));
      // The platform's schedules start pods of their own meanwhile.
      const restarts = () =>
        kubectl(
          "get",
          "pods",
          "--selector=bucketworks.io/service",
          "-o",
          "jsonpath={range .items[*]}{.metadata.uid}={.status.containerStatuses[*].restartCount} {end}",
        );
      const [before, pods] = [new Set(await serials()), await restarts()];
      expect([before.size, pods.trim().split(" ").length]).toEqual([1, Object.keys(SERVICES).length]);
      await certificate.renew();
      // A kubelet looks after its volumes once a minute.
      await eventually(async () => (await serials()).every((each) => !before.has(each)), 180_000);
      expect(await restarts()).toBe(pods);
      await eventually(async () => (await stack.targets()).every(({ health }) => health === "up"), 60_000);
      const smoke = await checkout.run(
        ...(["env", `MODEL_API_TOKEN=${signer.token("smoke", ["predictor"])}`, "bin/bucketworks", "rollout"] as const),
        ...["smoke", "mlops-model-api", "--stack", "cluster"],
      );
      expect(smoke.code, said(smoke)).toBe(0);
    });

    test("a service that the platform no longer asks for goes, and its volume stays", {
      timeout: 300_000,
    }, async () => {
      const claims = (): Promise<string> =>
        kubectl(
          "get",
          "persistentvolumeclaims",
          "-o",
          "jsonpath={range .items[*]}{.metadata.name}={.status.phase} {end}",
        );
      const before = await claims();
      const names = ["alertmanager", "log-shipper", "log-store", "mlops-postgresql", "prometheus"];
      expect(before).toContain(names.map((name) => `data-${name}-0=Bound`).join(" "));
      const file = "config/platforms/mlops.yaml";
      const text = readFileSync(join(checkout.root, file), "utf8");
      checkout.writeFile(file, text.replace("  alertmanager: {}\n", "  alertmanager: {enabled: false}\n"));
      const up = await checkout.pulumi("up", "--yes", "--skip-preview");
      expect(up.code, said(up)).toBe(0);
      expect(await kubectl("get", "statefulsets", "-o", "name")).not.toContain("alertmanager");
      expect(await claims()).toBe(before);
    });
  },
);
