import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:https";
import { isIP } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Manifest } from "./kubernetes/base-objects.ts";

/** A certificate for 127.0.0.1, signed by an authority of its own. */
export interface Certificate {
  /** As MinIO's `--certs-dir` wants it: public.crt and private.key. */
  readonly folder: string;
  /** PEM of the authority: what `bucketworks:caFile` names. */
  readonly caFile: string;
  remove(): void;
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/**
 * Makes an authority and a certificate with openssl; a day is enough for any test.
 * @param hosts names and addresses beside 127.0.0.1
 */
export function makeCertificate(hosts: readonly string[] = []): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "bucketworks-certs-"));
  const at = (name: string): string => join(folder, name);
  const authority = ["-days", "1", "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem"];
  execFileSync("openssl", ["req", "-x509", ...KEY, ...authority], { cwd: folder, stdio: "ignore" });
  renewCertificate({ folder }, hosts);
  return { folder, caFile: at("ca.pem"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Puts another certificate and key of the same authority in place of the ones that are there. */
export function renewCertificate({ folder }: Pick<Certificate, "folder">, hosts: readonly string[] = []): void {
  const signer = [
    "-CA",
    "ca.pem",
    "-CAkey",
    "ca.key",
    "-addext",
    `subjectAltName=${["IP:127.0.0.1", ...hosts.map((host) => `${isIP(host) ? "IP" : "DNS"}:${host}`)].join(",")}`,
  ];
  const leaf = ["-addext", "basicConstraints=CA:FALSE", "-subj", "/CN=minio", "-days", "1"];
  const files = ["-keyout", "private.key", "-out", "public.crt"];
  execFileSync("openssl", ["req", "-x509", ...KEY, ...signer, ...leaf, ...files], { cwd: folder, stdio: "ignore" });
}

/** The Secret `supplied` in which a server of a cluster finds its certificate, key and authority. */
export function suppliedCertificate(namespace: string, { folder }: Pick<Certificate, "folder">): Manifest {
  const text = (name: string): string => readFileSync(join(folder, name), "utf8");
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "supplied", namespace },
    type: "kubernetes.io/tls",
    stringData: { "tls.crt": text("public.crt"), "tls.key": text("private.key"), "ca.crt": text("ca.pem") },
  };
}

/** True when the URL answers 2xx over TLS that this authority vouches for. */
export function answersOk(url: string, caFile: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const request = get(url, { ca: readFileSync(caFile) }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    request.once("error", reject);
  });
}
