import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clusterHosts } from "../../builders/minio/manifest.ts";
import { MinioServerConfig } from "../../config/minio-server/schema.ts";
import { ClusterCheckout, loadMinioImage } from "../support/cluster-checkout.ts";
import type { TestCluster } from "../support/kubernetes/cluster.ts";
import { declareOffsite, runOffsite } from "../support/kubernetes/offsite-backup.ts";
import { testCluster, whyNoCluster } from "../support/kubernetes/test-cluster.ts";
import { type Certificate, makeCertificate, suppliedCertificate } from "../support/tls.ts";
import { loadWorkloadsImage } from "../support/workloads-image.ts";

const reason = whyNoCluster();
const AUTHORITY = ".bucketworks/authority.pem";

describe.skipIf(reason !== undefined)(reason ?? "a production server on Kubernetes, behind TLS", () => {
  let cluster: TestCluster;
  let checkout: ClusterCheckout;
  let certificate: Certificate;

  beforeAll(async () => {
    cluster = await testCluster();
    await loadMinioImage(cluster);
    await loadWorkloadsImage(cluster);
    await cluster.freeVolumes(1, "1Gi");
    checkout = await ClusterCheckout.make(cluster, { servers: 1, createNamespace: false });
    await cluster.apply({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: checkout.namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    });
    const server = MinioServerConfig.parse({ servers: 1, namespace: checkout.namespace });
    certificate = makeCertificate(clusterHosts(server));
    await cluster.apply(suppliedCertificate(checkout.namespace, certificate));
    copyFileSync(certificate.caFile, join(checkout.root, AUTHORITY));
    await checkout.set({
      "server.tls.from": "secret",
      "server.tls.secret": "supplied",
      "platforms[0]": "usdcop",
      stage: "production",
      caFile: AUTHORITY,
    });
    await declareOffsite(checkout, AUTHORITY);
  });

  afterAll(async () => {
    await checkout?.remove();
    certificate?.remove();
  });

  test("keeps the policies of production, and its platform's first job reaches it over TLS", {
    timeout: 240_000,
  }, async () => {
    const up = await checkout.pulumi("up", "--yes", "--skip-preview", "--policy-pack", "policy");
    expect(up.code, up.stdout + up.stderr).toBe(0);
    const host = `minio-service.${checkout.namespace}.svc.cluster.local:9000`;
    const log = await cluster.kubectl("-n", checkout.namespace, "logs", "job/usdcop-bucket-init");
    expect(log).toContain(`10 buckets: right (stage production, https://${host})`);
    const preview = await checkout.pulumi("preview", "--expect-no-changes", "--refresh");
    expect(preview.code, preview.stdout + preview.stderr).toBe(0);
  });

  test("the scheduled job backs the platform up to another server, whose key and CA it gets by a Secret alone", {
    timeout: 240_000,
  }, async () => {
    const { log, stored } = await runOffsite(checkout);
    for (const bucket of ["00-raw-usdcop-marketdata", "99-common-trading-models", "usdcop-l6-backtest"]) {
      expect(log).toMatch(new RegExp(`^backup of bucket ${bucket}: \\d+ versions?, .*; manifest \\S+$`, "m"));
      expect(stored).toContain(`type=daily/manifests/${bucket}/`);
    }
  });

  test("isn't believed where another authority is trusted", { timeout: 60_000 }, async () => {
    const other = makeCertificate();
    copyFileSync(other.caFile, join(checkout.root, AUTHORITY));
    other.remove();
    const preview = await checkout.pulumi("preview");
    expect(preview.code).not.toBe(0);
    expect(preview.stdout + preview.stderr).toMatch(/the certificate of https:\/\/127\.0\.0\.1:\d+ isn't trusted/);
  });
});
