import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InitFailed } from "../../../../provider/init-failed.ts";
import { fromStruct, type Properties, toStruct } from "../../../../provider/property-bags.ts";
import { KubernetesService } from "../../../../toolchain/offline/kubernetes-plugin/service.ts";

const URN = "urn:pulumi:dev::p::kubernetes:batch/v1:Job::migrate";
const ANEW = { "pulumi.com/replaceUnready": "true" };
const FAILED = { conditions: [{ type: "Failed", status: "True", message: "Job has reached its backoff limit" }] };
const COMPLETE = { conditions: [{ type: "Complete", status: "True" }] };

const job = (annotations: object = ANEW): Values => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "migrate", namespace: "mlops", annotations },
  spec: { backoffLimit: 3 },
});
type Values = Record<string, unknown>;

let api: Server;
let service: KubernetesService;
/** What the API server has; undefined is none. */
let live: Values | undefined;
let mayListPods = true;

/** An API server with one Job and one pod of it. */
function answer(url: string): readonly [status: number, body: object] {
  if (url === "/apis/batch/v1") return [200, { resources: [{ name: "jobs", kind: "Job", namespaced: true }] }];
  if (url === "/api/v1") {
    const kinds = ["Pod", "Event"].map((kind) => ({ name: `${kind.toLowerCase()}s`, kind, namespaced: true }));
    return [200, { resources: kinds }];
  }
  if (url.endsWith("/jobs/migrate")) return live === undefined ? [404, {}] : [200, live];
  if (!mayListPods) return [403, { message: "pods is forbidden" }];
  const terminated = { reason: "Error", message: "001.do.tables.sql:4: no such relation", exitCode: 1 };
  const containerStatuses = [{ name: "migrate", ready: false, state: { terminated } }];
  const metadata = { name: "migrate-1", ownerReferences: [{ uid: "job", name: "migrate" }] };
  return [200, { items: url.endsWith("/pods") ? [{ metadata, status: { containerStatuses } }] : [] }];
}

beforeAll(async () => {
  api = createServer((request, response) => {
    const [status, body] = answer(request.url ?? "");
    response.writeHead(status).end(JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  await once(api, "listening");
  service = new KubernetesService("4.24.0", undefined);
  const { port } = api.address() as AddressInfo;
  const kubeconfig = JSON.stringify({
    apiVersion: "v1",
    // The client takes http for a mistake unless no certificate is looked at.
    clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
    users: [{ name: "u", user: {} }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  });
  const request = new provider.ConfigureRequest();
  request.setArgs(struct({ kubeconfig: `${kubeconfig}\n` }));
  await service.configure(request);
});
afterAll(() => {
  api.closeAllConnections();
  api.close();
});

const struct = (values: Values) => toStruct(values, new Set());

function read(status: object, annotations: object = ANEW): Promise<provider.ReadResponse> {
  const { metadata, ...rest } = job(annotations);
  live = { ...rest, metadata: { ...(metadata as object), uid: "job" }, status };
  const request = new provider.ReadRequest();
  request.setId("mlops/migrate");
  request.setUrn(URN);
  request.setProperties(struct(live));
  request.setInputs(struct(job(annotations)));
  return service.read(request);
}

function diff(status: object, news = job(), olds = news): provider.DiffResponse.AsObject {
  const request = new provider.DiffRequest();
  request.setUrn(URN);
  request.setOlds(struct({ ...olds, status, __initialApiVersion: "batch/v1" }));
  request.setOldInputs(struct(olds));
  request.setNews(struct(news));
  return service.diff(request).toObject();
}

describe("a look at a Job", () => {
  test("that failed is a partial failure with the reason, and keeps what is there: a refresh forgets nothing", async () => {
    const fault = await read(FAILED).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(fault instanceof InitFailed)) throw new Error(`no partial failure: ${fault}`);
    expect(fault.message).toBe(
      "Job mlops/migrate failed: Job has reached its backoff limit\n  container migrate of pod migrate-1 is terminated (Error: 001.do.tables.sql:4: no such relation)",
    );
    expect(fault.detail.getId()).toBe("mlops/migrate");
    expect(fault.detail.getReasonsList()).toEqual([fault.message]);
    expect(values(fault.detail.getProperties())).toMatchObject({ metadata: { uid: "job" }, status: FAILED });
    expect(values(fault.detail.getInputs())).toEqual(job());
  });

  test("that failed says so to those who may not list pods, too", async () => {
    mayListPods = false;
    try {
      await expect(read(FAILED)).rejects.toThrow(/^Job mlops\/migrate failed: Job has reached its backoff limit$/);
    } finally {
      mayListPods = true;
    }
  });

  test.each([
    ["is done", COMPLETE, ANEW],
    ["runs", { active: 1 }, ANEW],
    ["isn't to be waited for", FAILED, { "pulumi.com/skipAwait": "true" }],
  ])("that %s is no failure", async (_, status, annotations) => {
    const response = await read(status, annotations);
    expect(response.getId()).toBe("mlops/migrate");
    expect(values(response.getInputs())).toEqual(job(annotations));
  });
});

describe("the next update of a Job", () => {
  const reason = 'metadata.annotations["pulumi.com/replaceUnready"]';

  test("that failed makes it anew, the old one first: both have one name", () => {
    expect(diff(FAILED)).toMatchObject({
      changes: provider.DiffResponse.DiffChanges.DIFF_SOME,
      replacesList: [reason],
      deletebeforereplace: true,
      detaileddiffMap: [[reason, { kind: provider.PropertyDiff.Kind.UPDATE_REPLACE }]],
    });
  });

  test("that an earlier version made without asking for it, too", () => {
    expect(diff(FAILED, job(), job({}))).toMatchObject({ replacesList: [reason], deletebeforereplace: true });
  });

  test.each([
    ["is done", COMPLETE, job()],
    ["runs", { active: 1 }, job()],
    ["failed and doesn't ask for it", FAILED, job({})],
    ["failed and asks with another word", FAILED, job({ "pulumi.com/replaceUnready": "false" })],
  ])("that %s changes nothing", (_, status, inputs) => {
    expect(diff(status, inputs)).toMatchObject({
      changes: provider.DiffResponse.DiffChanges.DIFF_NONE,
      replacesList: [],
      deletebeforereplace: false,
    });
  });
});

function values(struct: Parameters<typeof fromStruct>[0]): Properties["values"] {
  return fromStruct(struct).values;
}
