import { type Manifest, type ManifestOf, parted } from "../../builders/kubernetes/manifest.ts";
import type { ServicePlace } from "../../builders/services/kubernetes/place.ts";
import { plannedServices } from "../../builders/services/kubernetes/planned.ts";
import type { StackParts } from "../../builders/services/kubernetes/stack-parts.ts";
import { ClusterServicesConfig } from "../../config/cluster-services/schema.ts";
import { MinioServerConfig, type MinioServerInput } from "../../config/minio-server/schema.ts";
import { platform } from "./platforms.ts";

/** Platforms of which one asks for every service. */
export const platforms = ["mlops", "usdcop"].map((name) => platform(name));

export const place = (server: MinioServerInput = {}, settings = {}): ServicePlace => ({
  server: MinioServerConfig.parse(server),
  store: { endpoint: "http://minio-service.mlops.svc.cluster.local:9000", region: "us-east-1" },
  settings: ClusterServicesConfig.parse(settings),
});
/** What a stack has that lacks nothing. */
export const parts: StackParts = {
  images: {
    "mlflow-server": "registry.example/mlflow-server:1",
    mlops: "registry.example/mlops:1",
    workloads: "registry.example/workloads:1",
  },
  database: {
    host: "mlops-postgresql.mlops.svc.cluster.local",
    pods: { "app.kubernetes.io/instance": "mlops-postgresql" },
    port: 5432,
    caSecret: undefined,
    hasMetricsRole: true,
  },
  hasKey: true,
  dashboards: { "Operation/one.json": "{}\n", "Models/two.json": "{}\n" },
};

export const manifests = (given = place()): Manifest[] =>
  plannedServices(platforms, parts, given).services.flatMap((each) => [...each.manifests]);
export const of = <Kind extends Manifest["kind"]>(kind: Kind, given = place()): ManifestOf<Kind>[] =>
  parted(manifests(given), kind)[0];

export const tokens = { jwks: "https://id.example.com:8443/jwks.json", issuer: "https://id.example.com" };
export const keys = '{"keys":[{"kty":"RSA","kid":"one","n":"AQAB","e":"AQAB"}]}';
export const secured = place(
  { tls: { from: "secret", secret: "supplied" }, imagePullSecret: "registry" },
  {
    storageClass: "fast",
    tokens,
    ingress: { className: "nginx", tlsSecret: "edge", hosts: { "mlops-model-api": "models.example.com" } },
  },
);
export const withKeys = place({}, { tokens: { ...tokens, jwks: keys } });
/** Services that speak TLS, each with a certificate of its own. */
export const encrypted = place(
  {},
  {
    tls: { from: "cert-manager", issuer: "house" },
    tokens: { ...tokens, jwks: keys },
    ingress: { hosts: { "mlops-model-api": "models.example.com" }, annotations: { "example.com/timeout": "60" } },
  },
);
export const named = <Kind extends Manifest["kind"]>(kind: Kind, name: string, given = withKeys): ManifestOf<Kind> => {
  const found = of(kind, given).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
};
