import { z } from "zod";
import { CertificateChoice } from "../stack/certificate-choice.ts";
import { host, image, labels, name, quantity } from "../stack/kubernetes-values.ts";
import { openImage } from "../stack/open-images.ts";
import { ServerConfiguration } from "./configuration.ts";
import { Tuning } from "./knobs.ts";
import { layoutFault } from "./layout.ts";

/** Silo, the maintained fork of MinIO: its makers publish no image any more, and those they did are open (docs/servers.md). */
export const PUBLISHED_IMAGE = "docker.io/pgsty/silo:RELEASE.2026-09-16T00-00-00Z";

const Ingress = z.strictObject({
  className: name("class of the Ingress").optional(),
  host: host("host name of the S3 API"),
  consoleHost: host("host name of the console").optional(),
  tlsSecret: name("Secret with the certificate of the hosts").optional(),
  from: z
    .strictObject({ namespace: name("namespace of the Ingress controller, whose pods are let in") })
    .default({ namespace: "ingress-nginx" }),
});

/** Go's programs take fewer URLs than `URL`; a user or a query would be a secret in plain sight. */
export const plainUrl = (what: string) =>
  z
    .string()
    .refine((given) => /^https?:\/\/[\w.[\]:-]+(?:\/[\w./~-]*)?$/.test(given) && URL.canParse(given), {
      error: "must be an http or https URL without user, query and fragment",
    })
    .meta({ description: what });

const Audit = z.strictObject({
  url: plainUrl("webhook that is told of each request; its token is bucketworks:auditToken"),
  queueSize: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(100_000)
    .meta({ description: "requests that wait while the webhook is away" }),
});

/** An image that is known to be open is no choice, whether policies are judged or not. */
const soundImage = image(PUBLISHED_IMAGE).superRefine((given, { addIssue }) => {
  const open = openImage(given);
  if (open === undefined) return;
  const message = `is ${given}, a server that accepts forged requests (${open.advisories}; docs/servers.md); take ${PUBLISHED_IMAGE}, or what images/minio builds`;
  addIssue({ code: "custom", message });
});

/** `bucketworks:server`: the MinIO that target kubernetes deploys; `config` is what `scan` expects of any server. */
export const MinioServerConfig = z
  .strictObject({
    namespace: name("namespace of the server, and of the stack's workloads").default("mlops"),
    createNamespace: z.boolean().default(true).meta({ description: "false where the namespace is there already" }),
    name: name("name of the StatefulSet, and the beginning of every other name").default("minio"),
    service: name("Service of the S3 API and the console").default("minio-service"),
    image: soundImage.meta({ description: "image of MinIO, by tag or digest" }),
    imagePullSecret: name("Secret for the registry of the image").optional(),
    servers: z.int().positive().default(4).meta({ description: "pods: 1, or 4 and more" }),
    drives: z.int().positive().default(1).meta({ description: "volumes of each pod" }),
    driveSize: quantity("size of each volume").default("10Gi"),
    storageClass: name("storage class of the volumes; absent is the cluster's default").optional(),
    cpu: quantity("processor that each pod asks for").default("250m"),
    memory: quantity("memory that each pod asks for, and its limit").default("1Gi"),
    nodeSelector: labels("labels of the nodes that pods may run on, those with a fast network for example").default({}),
    tls: CertificateChoice.default({ from: "none" }),
    ingress: Ingress.optional(),
    clusterDomain: host("DNS domain of the cluster").default("cluster.local"),
    staleUploadsExpiry: z
      .string()
      .regex(/^\d+h$/, "must be hours like 24h")
      .default("24h")
      .meta({ description: "after how long an upload that nobody completes is removed" }),
    readyWithin: z
      .string()
      .regex(/^[1-9]\d*[sm]$/, "must be seconds or minutes like 10m")
      .default("10m")
      .meta({ description: "how long an update waits for the pods" }),
    tuning: Tuning.default({}),
    audit: Audit.optional(),
    prometheusUrl: plainUrl("Prometheus from which the console draws graphs, where it draws any").optional(),
    config: ServerConfiguration.default({}),
    monitoring: z.boolean().default(false).meta({ description: "a ServiceMonitor; its CRD must be there" }),
    monitoringLabels: labels(
      "labels by which Prometheus's operator chooses ServiceMonitor and PrometheusRules",
    ).default({}),
  })
  .superRefine(({ servers, drives }, context) => {
    const fault = layoutFault({ servers, drives });
    if (fault !== null) context.addIssue({ code: "custom", path: ["servers"], message: fault });
  });

export type MinioServerInput = z.input<typeof MinioServerConfig>;

/** Where and how MinIO runs, every default applied. */
export type MinioServer = z.output<typeof MinioServerConfig>;
