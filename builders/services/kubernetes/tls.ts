import { stringify } from "yaml";
import type { Manifest, ManifestOf } from "../../kubernetes/manifest.ts";
import { type Instance, metadata } from "./instance.ts";
import type { Mounted } from "./mounted.ts";
import { hostOf, type ServicePlace } from "./place.ts";

const FOLDER = "/etc/bucketworks/tls";
const WEB_FOLDER = "/etc/bucketworks/web";
const WEB_FILE = "web.yml";

/** Files of every pod's own certificate, and of the authority by which it knows the others. */
export const TLS_FILES = {
  certificate: `${FOLDER}/tls.crt`,
  key: `${FOLDER}/tls.key`,
  authority: `${FOLDER}/ca.crt`,
} as const;

/** Whether the services speak TLS with one another. */
export function hasTls({ settings }: ServicePlace): boolean {
  return settings.tls.from !== "none";
}

/** Name of its port: who goes by names of ports doesn't take it for plain HTTP. */
export function portName(place: ServicePlace): "http" | "https" {
  return hasTls(place) ? "https" : "http";
}

/** Secret with a service's certificate, its key and its authority's certificate, `ca.crt`. */
export function tlsSecretName(
  { name }: Pick<Instance, "name">,
  { settings: { tls } }: { readonly settings: Pick<ServicePlace["settings"], "tls"> },
): string {
  return tls.from === "secret" ? tls.secret : `${name}-tls`;
}

/** A URL by which another pod finds it, and whose host its certificate proves. */
export function addressOf({ name, port }: Pick<Instance, "name" | "port">, place: ServicePlace): string {
  return hasTls(place) ? `https://${hostOf(name, place)}:${port}` : `http://${name}:${port}`;
}

/** Its certificate as files; none without TLS. A kubelet renews them in a pod that runs. */
export function certificateFiles(instance: Pick<Instance, "name">, place: ServicePlace): Mounted[] {
  if (!hasTls(place)) return [];
  const items = ["tls.crt", "tls.key", "ca.crt"].map((key) => ({ key, path: key }));
  const secret = { secretName: tlsSecretName(instance, place), defaultMode: 0o440, items };
  return [{ path: FOLDER, volume: { name: "tls", secret } }];
}

/** How Prometheus asks a service: by pods' addresses, which no certificate names. */
export function scrapedWith({ name }: Pick<Instance, "name">, place: ServicePlace): object {
  if (!hasTls(place)) return {};
  return { scheme: "https", tls_config: { ca_file: TLS_FILES.authority, server_name: hostOf(name, place) } };
}

/**
 * What has a program of Prometheus's makers speak TLS; nothing without it. They read the certificate at each handshake.
 * @see https://prometheus.io/docs/prometheus/latest/configuration/https/
 */
export function webConfig(
  instance: Instance,
  place: ServicePlace,
): { readonly args: string[]; readonly files: Mounted[]; readonly manifests: ManifestOf<"ConfigMap">[] } {
  if (!hasTls(place)) return { args: [], files: [], manifests: [] };
  const map = metadata(instance, place, "web");
  const text = stringify({ tls_server_config: { cert_file: TLS_FILES.certificate, key_file: TLS_FILES.key } });
  return {
    args: [`--web.config.file=${WEB_FOLDER}/${WEB_FILE}`],
    files: [{ path: WEB_FOLDER, volume: { name: "web", configMap: { name: map.name } } }],
    manifests: [{ apiVersion: "v1", kind: "ConfigMap", metadata: map, data: { [WEB_FILE]: text } }],
  };
}

/**
 * Its own certificate, where cert-manager makes it: a pod that somebody took over can't pretend to be another one. Its
 * kinds must be there.
 */
export function certificate(instance: Instance, place: ServicePlace): Manifest[] {
  const { settings, server } = place;
  const { tls } = settings;
  if (tls.from !== "cert-manager") return [];
  const namesOf = (name: string): string[] => {
    const within = `${name}.${server.namespace}`;
    return [name, within, `${within}.svc`, hostOf(name, place)];
  };
  return [
    {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: metadata(instance, place, "tls"),
      spec: {
        secretName: tlsSecretName(instance, place),
        dnsNames: [...namesOf(instance.name), ...namesOf(`${instance.name}-pods`), "localhost"],
        privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
        issuerRef: { name: tls.issuer, kind: tls.issuerKind, group: "cert-manager.io" },
      },
    },
  ];
}
