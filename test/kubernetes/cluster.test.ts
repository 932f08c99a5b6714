import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestCluster } from "../support/kubernetes/cluster.ts";
import { findParts } from "../support/kubernetes/parts.ts";
import { restrictedPod, volumeClaim } from "../support/kubernetes/pods.ts";
import { findCluster, testCluster, whyNoCluster } from "../support/kubernetes/test-cluster.ts";

const reason = whyNoCluster();

describe.skipIf(reason !== undefined)(reason ?? "the test cluster", () => {
  let cluster: TestCluster;
  let namespace: string;

  beforeAll(async () => {
    cluster = await testCluster();
    namespace = await cluster.namespace("cluster");
  });

  afterAll(async () => {
    await cluster?.kubectl("delete", "namespace", namespace, "--wait=false");
  });

  const wait = (what: string, condition: string) =>
    cluster.kubectl("wait", "-n", namespace, what, `--for=${condition}`, "--timeout=60s");
  const inNamespace = (...objects: readonly object[]) =>
    cluster.apply(...objects.map((object) => withNamespace(object, namespace)));

  it("has a node that is Ready, and names that resolve inside a pod", async () => {
    expect(await cluster.kubectl("get", "nodes", "--no-headers")).toMatch(/^\S+ +Ready /);
    const command = ["nslookup", "kubernetes.default.svc.cluster.local"];
    await inNamespace(restrictedPod({ name: "asker", image: cluster.busybox, command }));
    await wait("pod/asker", "jsonpath={.status.phase}=Succeeded");
    const service = await cluster.kubectl(
      "get",
      "service",
      "kubernetes",
      "-n",
      "default",
      "-o",
      "jsonpath={.spec.clusterIP}",
    );
    expect(await cluster.logs(namespace, "asker")).toContain(`Address: ${service}\n`);
  });

  it("keeps what a pod wrote to its volume when the pod is deleted", async () => {
    await cluster.freeVolumes(1, "1Gi");
    const pod = (command: string) =>
      restrictedPod({ name: "keeper", image: cluster.busybox, command: ["sh", "-c", command], claim: "kept" });
    await inNamespace(volumeClaim("kept", "1Gi"), pod("echo from the first > /data/note"));
    await wait("pod/keeper", "jsonpath={.status.phase}=Succeeded");
    await cluster.kubectl("delete", "pod", "keeper", "-n", namespace);
    await inNamespace(pod("cat /data/note"));
    await wait("pod/keeper", "jsonpath={.status.phase}=Succeeded");
    expect(await cluster.logs(namespace, "keeper")).toBe("from the first\n");
  });

  it("refuses a pod that breaks Pod Security restricted, by name of what it breaks", async () => {
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "root" },
      spec: { containers: [{ name: "main", image: cluster.busybox, securityContext: { privileged: true } }] },
    };
    await expect(inNamespace(pod)).rejects.toThrow(/violates PodSecurity "restricted:latest": privileged/);
    expect((await cluster.try("get", "pod", "root", "-n", namespace)).stderr).toContain("NotFound");
  });

  it.skipIf(process.env.BUCKETWORKS_TEST_KUBECONFIG)(
    "runs an image made from a folder, and a port of the host reaches it",
    async () => {
      const image = "localhost/cluster-test:1";
      const root = imageRoot("served from inside");
      await cluster.loadImage(root, image);
      rmSync(root, { recursive: true });
      const command = ["/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"];
      await inNamespace(restrictedPod({ name: "server", image, command }));
      await wait("pod/server", "condition=Ready");
      const forward = await cluster.forward(namespace, "pod/server", 8080);
      const url = `http://127.0.0.1:${forward.port}/`;
      expect(await (await fetch(url)).text()).toBe("served from inside");
      expect(await cluster.exec(namespace, "server", "/bin/busybox", "id", "-u")).toBe("1000\n");
      await forward.close();
      await expect(fetch(url)).rejects.toThrow();
    },
  );

  it("named by its kubeconfig it is used as another's: no image is put into it, and a stop leaves it", async () => {
    const other = await findCluster(cluster.kubeconfig);
    await expect(other.loadImage("image.tar", "localhost/other:1")).rejects.toThrow(/cluster that isn't ours; push it/);
    await other.stop();
    expect(await other.kubectl("get", "namespace", namespace, "-o", "name")).toBe(`namespace/${namespace}\n`);
  });

  it("says what it can't forward to", async () => {
    await expect(cluster.forward(namespace, "pod/absent", 80)).rejects.toThrow(/pods "absent" not found/);
  });
});

function withNamespace(object: object, namespace: string): Record<string, unknown> {
  const { metadata, ...rest } = object as { metadata: object };
  return { ...rest, metadata: { ...metadata, namespace } };
}

/** The root folder of an image that can serve one page. */
function imageRoot(page: string): string {
  const root = mkdtempSync(join(tmpdir(), "bucketworks image "));
  for (const name of ["bin", "www"]) mkdirSync(join(root, name));
  copyFileSync(join(findParts()?.packages ?? "", "bin", "busybox"), join(root, "bin", "busybox"));
  symlinkSync("busybox", join(root, "bin", "sh"));
  writeFileSync(join(root, "www", "index.html"), page);
  return root;
}
