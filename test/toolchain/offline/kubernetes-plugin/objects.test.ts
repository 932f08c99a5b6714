import { describe, expect, test } from "vitest";
import { difference } from "../../../../toolchain/offline/kubernetes-plugin/difference.ts";
import { kindOf } from "../../../../toolchain/offline/kubernetes-plugin/kinds.ts";
import {
  checked,
  idOf,
  type KubernetesObject,
  pruned,
} from "../../../../toolchain/offline/kubernetes-plugin/object.ts";

const seed = new Uint8Array([1, 2, 3]);
const about = (kind: string, namespace?: string) => ({
  kind: { apiVersion: "v1", kind },
  name: "Logs",
  seed,
  namespace,
});

describe("the kubernetes stand-in", () => {
  test.each([
    ["kubernetes:core/v1:Secret", { apiVersion: "v1", kind: "Secret" }],
    ["kubernetes:apps/v1:StatefulSet", { apiVersion: "apps/v1", kind: "StatefulSet" }],
    ["kubernetes:cert-manager.io/v1:Certificate", { apiVersion: "cert-manager.io/v1", kind: "Certificate" }],
  ])("%s is an object of the server", (type, kind) => {
    expect(kindOf(type)).toEqual(kind);
  });

  test.each([
    ["kubernetes:helm.sh/v3:Release", /doesn't treat Helm charts and releases; install the official plugin/],
    ["kubernetes:kustomize/v2:Directory", /doesn't treat kustomizations/],
    ["kubernetes:yaml/v2:ConfigGroup", /doesn't treat groups of YAML files/],
    ["kubernetes:core/v1:ConfigMapPatch", /doesn't treat patches/],
    ["kubernetes:core/v1:PodList", /doesn't treat lists/],
  ])("%s is refused by name", (type, message) => {
    expect(() => kindOf(type)).toThrow(message);
  });

  test("an object without a name gets one that preview and update agree on, and keeps it", () => {
    const first = checked({}, {}, about("ConfigMap"));
    expect(first.metadata.name).toMatch(/^logs-[0-9a-f]{8}$/);
    expect(checked({}, {}, about("ConfigMap"))).toEqual(first);
    expect(checked({ data: { a: "b" } }, first, about("ConfigMap")).metadata.name).toBe(first.metadata.name);
    expect(checked({ metadata: { name: "own" } }, first, about("ConfigMap")).metadata).toEqual({ name: "own" });
  });

  test("the provider's namespace stands where the object names none", () => {
    expect(idOf(checked({ metadata: { name: "a" } }, {}, about("ConfigMap", "mlops")))).toBe("mlops/a");
    expect(idOf(checked({ metadata: { name: "a", namespace: "b" } }, {}, about("ConfigMap", "mlops")))).toBe("b/a");
  });

  test("text of a Secret is kept as the server keeps it", () => {
    const secret = checked({ metadata: { name: "s" }, stringData: { key: "value" } }, {}, about("Secret"));
    expect(secret).toMatchObject({ data: { key: "dmFsdWU=" } });
    expect(secret).not.toHaveProperty("stringData");
  });

  test("what the server and controllers add is no difference; what they changed is", () => {
    const inputs = { apiVersion: "v1", kind: "Service", metadata: { name: "s" }, spec: { ports: [{ port: 9000 }] } };
    const live = {
      ...inputs,
      metadata: { name: "s", uid: "u", resourceVersion: "1" },
      spec: { clusterIP: "10.0.0.1", ports: [{ port: 9000, protocol: "TCP", targetPort: 9000 }] },
      status: {},
    };
    const seen = pruned(live, inputs) as KubernetesObject;
    expect(difference(seen, inputs).changes.size).toBe(0);
    const changed = { ...live, spec: { ...live.spec, ports: [{ port: 9001 }] } };
    expect([...difference(pruned(changed, inputs) as KubernetesObject, inputs).changes]).toEqual([
      ["spec.ports[0].port", { change: "update", replaces: false }],
    ]);
  });

  test("quantities that mean the same and fields left empty make no difference", () => {
    const pod = (cpu: string, memory: string, value: string, more: object = {}): KubernetesObject => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p" },
      spec: { env: [{ name: "SIZE", value }], resources: { requests: { cpu, memory } }, ...more },
    });
    const live = pod("1", "1Gi", "1Gi");
    expect(difference(live, pod("1000m", "1024Mi", "1Gi", { volumes: [] })).changes.size).toBe(0);
    expect([...difference(live, pod("1001m", "1Gi", "1Gi")).changes.keys()]).toEqual(["spec.resources.requests.cpu"]);
    expect([...difference(live, pod("1", "1Gi", "1024Mi")).changes.keys()]).toEqual(["spec.env[0].value"]);
  });

  test("a field that can't change replaces the object, the old one first where both have one name", () => {
    const set = (
      serviceName: string,
      metadata: KubernetesObject["metadata"] = { name: "minio", namespace: "m" },
    ): KubernetesObject => ({
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata,
      spec: { serviceName, replicas: 4 },
    });
    const found = difference(set("a"), set("b"));
    expect([...found.changes]).toEqual([["spec.serviceName", { change: "update", replaces: true }]]);
    expect(found.deleteFirst).toBe(true);
    const autonamed = { name: "minio-1234", annotations: { "pulumi.com/autonamed": "true" } };
    expect(difference(set("a", autonamed), set("b", autonamed)).deleteFirst).toBe(false);
    expect(difference(set("a"), { ...set("a"), spec: { serviceName: "a", replicas: 5 } }).deleteFirst).toBe(false);
  });
});
