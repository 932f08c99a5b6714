import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ServerAddress } from "../../live/server-address.ts";
import type { ScanReport } from "../../scan/report/report.ts";
import { type ScanOptions, scanServer } from "../../scan/scan.ts";
import { Mc } from "./mc.ts";
import { TestServer } from "./minio.ts";
import { makeIdentities, makePolicy } from "./scanned.ts";
import { ROOT } from "./toolchain.ts";
import { addressOf, bucketworks, environment, make, type Ran, SpecFile } from "./verified.ts";

const SPEC = `
minio_config: {endpoint: "\${MINIO_ENDPOINT:-localhost:9000}", secure: false}
bucket_groups:
  trial:
    buckets:
      - {name: raw-data, versioning: true, retention_days: 30, encryption: sse-s3, quota: 1GiB, tags: {layer: L0}}
      - {name: open-data, public_read: [public/]}
      - {name: locked-data, versioning: true, object_lock: {mode: governance, days: 1}}
      - {name: vanishing-data}
access:
  policies:
    reader: {grants: [{role: read, bucket: raw-data}]}
    writer: {grants: [{role: write, bucket: raw-data, prefixes: [in/]}]}
  groups:
    staff: {policies: [reader]}
  users:
    ada: {groups: [staff]}
    robot: {policies: [reader, writer]}
  service_accounts:
    robot-job: {user: robot, policies: [writer]}
`;
/** In every secret that the tests make; no output may hold it. */
export const CANARY = "canary-4f1d-secret";
/** An identity with `docs/scanner-policy.json`. */
export const SCANNER = { accessKey: "scanner", secretKey: `${CANARY}-scanner` };
export const SCANNER_POLICY = JSON.parse(readFileSync(join(ROOT, "docs/scanner-policy.json"), "utf8"));
export const NOTHING_IGNORED = "ignore: []\n";
const TOMORROW = new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
export const IGNORES = `ignore:
  - {kind: user, name: scanner, owner: o, reason: r, expires: "${TOMORROW}"}
  - {kind: policy, name: scanner, owner: o, reason: r, expires: "${TOMORROW}"}
`;

/** A server as a spec says, with the scanning identity beside it. */
export class ScannedServer {
  readonly server: TestServer;
  readonly mc: Mc;
  readonly spec = new SpecFile(SPEC);
  /** An ignore file; see `ignore`. */
  readonly ignores: string;

  private constructor(server: TestServer) {
    this.server = server;
    this.mc = new Mc(server);
    this.ignores = join(this.spec.path, "..", "ignore.yaml");
    this.ignore(NOTHING_IGNORED);
  }

  static async start(): Promise<ScannedServer> {
    const scanned = new ScannedServer(await TestServer.start());
    const { server, mc, spec } = scanned;
    await make(spec.model(), server);
    await makeIdentities(spec.model(), mc, CANARY);
    await makePolicy(mc, "scanner", SCANNER_POLICY);
    await mc.run("admin", "user", "add", "t", SCANNER.accessKey, SCANNER.secretKey);
    await mc.run("admin", "policy", "attach", "t", "scanner", "--user", SCANNER.accessKey);
    return scanned;
  }

  /** What scan finds, but for the identity that scans. */
  async scan(changes: Partial<ServerAddress> = {}, more: Partial<ScanOptions> = {}): Promise<ScanReport> {
    const report = await scanServer(this.spec.model(), addressOf(this.server, changes), more);
    return { ...report, findings: report.findings.filter(({ subject }) => subject.name !== "scanner") };
  }

  /** `bucketworks scan` with the ignore file. */
  run(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const all = ["scan", "--ignore", this.ignores, ...args, this.spec.path];
    return bucketworks(all, { ...environment(this.server), ...env });
  }

  /** Replaces the ignore file. */
  ignore(text: string): void {
    writeFileSync(this.ignores, text);
  }

  async stop(): Promise<void> {
    await this.server.stop();
    this.mc.remove();
    this.spec.remove();
  }
}

/** Each finding as `kind subject name path`. */
export function names({ findings }: ScanReport): string[] {
  return findings.map(({ kind, subject, path }) => `${kind} ${subject.kind} ${subject.name} ${path}`.trim());
}

/** What could not be looked at, as `subject name`, with a star for all of a kind. */
export function unread({ notLooked }: ScanReport): string[] {
  return notLooked.map(({ subject }) => `${subject.kind} ${subject.name ?? "*"}`).sort();
}
