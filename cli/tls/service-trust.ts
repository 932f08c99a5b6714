import type { CoreV1Api } from "@kubernetes/client-node";
import { hostOf } from "../../builders/services/kubernetes/place.ts";
import { tlsSecretName } from "../../builders/services/kubernetes/tls.ts";
import type { DeployedServer } from "../stack-file.ts";
import type { Trust } from "./trusted-fetch.ts";

/** Where the services of a stack are, and how they prove who they are. */
export type ServicesPlace = Pick<DeployedServer, "namespace" | "clusterDomain" | "servicesTls">;

/**
 * By whom a service of the cluster is known that is reached through a local port; undefined where it speaks plain HTTP.
 * @param authority PEM; undefined is that of the service's Secret, which this person may read or not
 * @throws Error where the Secret has none; what the API server says
 */
export async function serviceTrust(
  api: () => CoreV1Api,
  service: string,
  { namespace, clusterDomain, servicesTls: tls }: ServicesPlace,
  authority?: string,
): Promise<Trust | undefined> {
  if (tls.from === "none") return undefined;
  const host = hostOf(service, { server: { namespace, clusterDomain } });
  if (authority !== undefined) return { authority, host };
  const name = tlsSecretName({ name: service }, { settings: { tls } });
  const { data = {} } = await api().readNamespacedSecret({ name, namespace });
  const found = data["ca.crt"];
  if (!found) throw new Error(`Secret ${name} has no ca.crt, by which its certificate would be known`);
  return { authority: Buffer.from(found, "base64").toString(), host };
}
