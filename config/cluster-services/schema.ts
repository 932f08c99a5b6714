import { z } from "zod";
import { CertificateChoice } from "../stack/certificate-choice.ts";
import { host, image, imageReference, name } from "../stack/kubernetes-values.ts";
import { Tokens } from "./tokens.ts";

/** The images that the programs' makers publish. */
const PUBLISHED = {
  prometheus: "docker.io/prom/prometheus:v3.5.0",
  alertmanager: "docker.io/prom/alertmanager:v0.28.1",
  grafana: "docker.io/grafana/grafana:12.2.0",
  logs: "docker.io/victoriametrics/victoria-logs:v1.52.1",
  postgresExporter: "quay.io/prometheuscommunity/postgres-exporter:v0.17.1",
} as const;

const Ingress = z.strictObject({
  className: name("class of the Ingress").optional(),
  hosts: z
    .record(z.string(), host("host name under which a service is reached"))
    .default({})
    .meta({ description: "host names by the service's name, like mlops-mlflow" }),
  tlsSecret: name("Secret with the certificate of the hosts").optional(),
  annotations: z
    .record(z.string(), z.string())
    .default({})
    .meta({ description: "of each Ingress: what its controller is told beside the host" }),
  from: z
    .strictObject({ namespace: name("namespace of the Ingress controller, whose pods are let in") })
    .default({ namespace: "ingress-nginx" }),
});

/** `bucketworks:services` of a stack whose target is kubernetes: how the services that platforms ask for run there. */
export const ClusterServicesConfig = z.strictObject({
  deploy: z.boolean().default(true).meta({ description: "false: the stack leaves the platforms' services out" }),
  images: z
    .strictObject({
      prometheus: image(PUBLISHED.prometheus),
      alertmanager: image(PUBLISHED.alertmanager),
      grafana: image(PUBLISHED.grafana),
      logs: image(PUBLISHED.logs),
      postgresExporter: image(PUBLISHED.postgresExporter),
      mlflow: imageReference("registry.example/mlflow-server:1.0.0")
        .optional()
        .meta({ description: "of pipelines/mlflow-server, where the stack doesn't build it" }),
    })
    .prefault({}),
  storageClass: name("storage class of the volumes; absent is the cluster's default").optional(),
  ingress: Ingress.optional(),
  tokens: Tokens.optional(),
  tls: CertificateChoice.default({ from: "none" }).meta({
    description: "how the services prove to one another who they are; none is plain HTTP",
  }),
});

/** How services run on the cluster, every default applied. */
export type ClusterServices = z.output<typeof ClusterServicesConfig>;
