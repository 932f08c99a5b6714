import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { API_ADDRESS, NODE, NODE_ADDRESS } from "./addresses.ts";

/** Who may talk to the API server, by the token file's columns: user, groups. */
const ACCOUNTS = {
  admin: ["admin", "system:masters"],
  "kube-controller-manager": ["system:kube-controller-manager", ""],
  "kube-scheduler": ["system:kube-scheduler", ""],
  kubelet: [`system:node:${NODE}`, "system:nodes"],
  "kube-proxy": ["system:kube-proxy", ""],
} as const;

export type Account = keyof typeof ACCOUNTS;

/** The tokens of one start, by account. */
export type Tokens = Readonly<Record<Account, string>>;

const NAMES = [
  "DNS:kubernetes",
  "DNS:kubernetes.default",
  "DNS:kubernetes.default.svc",
  "DNS:kubernetes.default.svc.cluster.local",
  "DNS:localhost",
  ...["127.0.0.1", NODE_ADDRESS, API_ADDRESS].map((address) => `IP:${address}`),
];

/**
 * Makes what the components trust each other by: an authority, the certificate of API server and kubelet, the API
 * server's own for calling the kubelet, the key of service accounts, and a token per account.
 */
export function makePki(folder: string): Tokens {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const openssl = (...args: string[]) =>
    execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const request = ["req", "-x509", "-days", "30", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const signed = [...request, "-CA", "ca.crt", "-CAkey", "ca.key", "-addext", "basicConstraints=CA:FALSE"];
  openssl(...request, "-subj", "/CN=test cluster", "-keyout", "ca.key", "-out", "ca.crt");
  const names = ["-addext", `subjectAltName=${NAMES.join(",")}`];
  openssl(...signed, ...names, "-subj", "/CN=kube-apiserver", "-keyout", "server.key", "-out", "server.crt");
  const client = [
    "-addext",
    "extendedKeyUsage=clientAuth",
    "-subj",
    "/O=system:masters/CN=kube-apiserver-kubelet-client",
  ];
  openssl(...signed, ...client, "-keyout", "kubelet-client.key", "-out", "kubelet-client.crt");
  openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "service-accounts.key");
  openssl("pkey", "-in", "service-accounts.key", "-pubout", "-out", "service-accounts.pub");

  const tokens = Object.fromEntries(Object.keys(ACCOUNTS).map((name) => [name, randomBytes(24).toString("hex")]));
  const lines = Object.entries(ACCOUNTS).map(
    ([name, [user, groups]]) => `${tokens[name]},${user},${user}${groups && `,"${groups}"`}`,
  );
  writeFileSync(join(folder, "tokens.csv"), `${lines.join("\n")}\n`, { mode: 0o600 });
  return tokens as Tokens;
}
