import { DEFAULT_ACCESS_KEYS, DEFAULT_SECRET_KEYS, DEV_STAGE } from "../rules/stage.ts";

/** Where `bucketworks forward` listens for a server that the stack deploys on Kubernetes, unless the stack says another. */
export const FORWARD_PORT = 19_000;

/**
 * Where a stack's endpoint comes from: its own configuration, the local server of the checkout, or `minio_config`.
 * Outside dev it is the stack alone: neither the environment nor a default of a platform file may send production's
 * credentials, or its buckets, to another server.
 */
export type ServerSource = "stack" | "local" | "spec";

/**
 * Decides the source; credentials follow it.
 * @param has whether the stack sets endpoint, user or password, and whether there is a local server
 */
export function serverSource(stage: string, has: { stack: boolean; local: boolean }): ServerSource {
  if (stage !== DEV_STAGE || has.stack) return "stack";
  return has.local ? "local" : "spec";
}

/**
 * How a server that the stack deploys on Kubernetes is reached: by a forwarded port, unless the stack names a shorter way;
 * over TLS where the server has a certificate.
 */
export function deployedAddress({ endpoint, forwardPort = FORWARD_PORT, tls }: DeployedAddress): {
  readonly endpoint: string;
  readonly secure: boolean;
} {
  return { endpoint: endpoint ?? `127.0.0.1:${forwardPort}`, secure: tls.from !== "none" };
}

/** What the stack says of it; undefined is unsaid. */
export interface DeployedAddress {
  readonly endpoint: string | undefined;
  readonly forwardPort: number | undefined;
  readonly tls: { readonly from: string };
}

/** `bucketworks:*` of a stack, as far as it says where the server is and who deploys. */
export interface StackServer {
  readonly endpoint: string | undefined;
  /** @default true: a server that the stack names is asked over TLS */
  readonly secure: boolean;
  /** In plaintext, to be judged only. */
  readonly rootUser: string | undefined;
  /** In plaintext, to be judged only. */
  readonly rootPassword: string | undefined;
  /** False where the stack's file holds it in plaintext. */
  readonly userIsEncrypted: boolean;
  /** False where the stack's file holds it in plaintext. */
  readonly passwordIsEncrypted: boolean;
}

/** Every reason not to deploy a stack of this stage to the server it names; one sentence each, with the remedy. */
export function stackServerFaults(stack: string, stage: string, server: StackServer): string[] {
  const { endpoint, secure, rootUser, rootPassword, userIsEncrypted, passwordIsEncrypted } = server;
  const set = (rest: string): string => `pulumi config set --stack ${stack} ${rest}`;
  const faults: string[] = [];
  if (endpoint === undefined) {
    const why = stage === DEV_STAGE ? "" : `; stage ${stage} never uses the local server or minio_config`;
    faults.push(`stack ${stack} names no MinIO endpoint${why}; set it: ${set("bucketworks:endpoint HOST:PORT")}`);
  } else if (/[/@?#]/.test(endpoint)) {
    faults.push(
      `bucketworks:endpoint of stack ${stack} must be host:port, without scheme, path or user; set it again: ${set("bucketworks:endpoint HOST:PORT")}`,
    );
  }
  if (rootUser === undefined) {
    faults.push(
      `stack ${stack} names nobody to deploy as; set the user, it is asked for and encrypted: ${set("--secret bucketworks:rootUser")}`,
    );
  } else if (!userIsEncrypted) {
    faults.push(
      `bucketworks:rootUser of stack ${stack} is written in plaintext: published servers carry out requests for a name alone (docs/servers.md); set it encrypted: ${set("--secret bucketworks:rootUser")} - and where others have read it, another user's`,
    );
  }
  if (rootPassword === undefined) {
    faults.push(
      `stack ${stack} has no password to deploy with; set it, it is asked for and encrypted: ${set("--secret bucketworks:rootPassword")}`,
    );
  } else if (!passwordIsEncrypted) {
    faults.push(
      `bucketworks:rootPassword of stack ${stack} is written in plaintext; choose a new one and set it encrypted: ${set("--secret bucketworks:rootPassword")}`,
    );
  }
  if (stage === DEV_STAGE) return faults;
  if (!secure) {
    faults.push(
      `bucketworks:secure is false: credentials and data would travel in plaintext, refused outside dev; give the server a certificate and say ${set("bucketworks:secure true")}`,
    );
  }
  if (DEFAULT_ACCESS_KEYS.includes(rootUser ?? "") || DEFAULT_SECRET_KEYS.includes(rootPassword ?? "")) {
    faults.push(
      `rootUser or rootPassword of stack ${stack} is a default everybody knows, refused outside dev; give the server others, then ${set("--secret bucketworks:rootUser")} and ${set("--secret bucketworks:rootPassword")}`,
    );
  }
  return faults;
}
