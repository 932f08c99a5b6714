import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ResolvedModel } from "../../config/model.ts";
import { loadModel } from "../../config/spec.ts";
import type { ScanReport } from "../../scan/report/report.ts";
import { scanServer } from "../../scan/scan.ts";
import { TestCheckout } from "../support/checkout.ts";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { addressOf } from "../support/verified.ts";
import { BUCKET_CHANGES, bucketLines, UNMANAGED_BUCKETS, WEBHOOK } from "./fidelity/bucket-changes.ts";
import type { Change } from "./fidelity/change.ts";
import { IDENTITY_CHANGES, IDENTITY_SPEC } from "./fidelity/identity-changes.ts";
import { SERVER_CHANGES } from "./fidelity/server-changes.ts";

const CHANGES: readonly Change[] = [...BUCKET_CHANGES, ...UNMANAGED_BUCKETS, ...IDENTITY_CHANGES, ...SERVER_CHANGES];
const SPEC = `metadata: {version: v1, description: a subject for each change by hand}
bucket_groups:
  all:
    on_delete: delete_if_empty
    buckets:
${bucketLines()}${IDENTITY_SPEC}`;
/** test/e2e/scan.test.ts does a hundred, of a server with fewer service accounts: each costs a fifth of a second. */
const UNTOUCHED_SCANS = 5;

/** What some changes bring along. */
const BESIDE = [
  "bucket flow-target",
  "bucket strange-open",
  "group strange-club",
  "tier MOVED",
  "tier MOVED-VERSIONS",
  "user strange-member",
];

let checkout: TestCheckout;
let remote: TestServer;
let mc: Mc;
let model: ResolvedModel;

beforeAll(async () => {
  checkout = await TestCheckout.make({ fidelity: SPEC }, await TestServer.start(WEBHOOK));
  remote = await TestServer.start();
  mc = new Mc(checkout.server);
  const loaded = loadModel({ dir: join(checkout.root, "config/platforms"), stage: "dev", env: {} });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues, null, 2));
  model = loaded.model;
  await checkout.must("pulumi", "up", "--yes", "--skip-preview");
}, 300_000);

afterAll(async () => {
  mc?.remove();
  await checkout?.remove();
  await remote?.stop();
});

function scanned(): Promise<ScanReport> {
  const configuration = { "notify_webhook:FIDELITY": { endpoint: WEBHOOK.MINIO_NOTIFY_WEBHOOK_ENDPOINT_FIDELITY } };
  return scanServer(model, addressOf(checkout.server), { configuration });
}

test("scans of the server that nobody has touched find nothing", async () => {
  for (let scan = 0; scan < UNTOUCHED_SCANS; scan++) {
    const { findings, notLooked } = await scanned();
    expect({ findings, notLooked }).toEqual({ findings: [], notLooked: [] });
  }
});

interface Preview {
  readonly code: number;
  /** Logical names of the resources that it would change. */
  readonly changed: ReadonlySet<string>;
  /** Of those that it complains about. */
  readonly failed: ReadonlySet<string>;
}

async function preview(): Promise<Preview> {
  const { code, stdout } = await checkout.run("pulumi", "preview", "--refresh", "--json");
  const { steps = [], diagnostics = [] } = JSON.parse(stdout) as {
    steps?: { op: string; urn: string }[];
    diagnostics?: { urn?: string; severity: string }[];
  };
  const logical = (urn = ""): string => urn.slice(urn.lastIndexOf("::") + 2);
  const changes = steps.filter(({ op }) => op !== "same" && op !== "refresh");
  const errors = diagnostics.filter(({ severity, urn }) => severity === "error" && urn !== undefined);
  return {
    code,
    changed: new Set(changes.map(({ urn }) => logical(urn))),
    failed: new Set(errors.map(({ urn }) => logical(urn))),
  };
}

describe("changes made by hand, each to a subject of its own", () => {
  let report: ScanReport;
  /** Before and after the changes that stop it. */
  let previews: readonly [Preview, Preview];

  beforeAll(async () => {
    const output = await checkout.must("pulumi", "stack", "output", "credentials", "--json", "--show-secrets");
    const credentials = JSON.parse(output) as Record<string, { accessKey: string }>;
    const accessKey = (account: string): string => credentials[account]?.accessKey ?? "";
    const make = async (changes: readonly Change[]): Promise<Preview> => {
      for (const change of changes) {
        await change.make({ mc, server: checkout.server, remote, accessKey }).catch((error: Error) => {
          throw new Error(`${change.what}: ${error.message}`);
        });
      }
      return preview();
    };
    const first = await make(CHANGES.filter(({ stopsRefresh }) => !stopsRefresh));
    previews = [first, await make(CHANGES.filter(({ stopsRefresh }) => stopsRefresh))];
    report = await scanned();
  }, 600_000);

  const byScan = ({ kind, subject, name }: Change): string =>
    word(
      report.findings.some((each) => each.kind === kind && each.subject.kind === subject && each.subject.name === name),
    );
  const byPreview = ({ resources, stopsRefresh }: Change): string =>
    stopsRefresh ? "fails" : word(resources.some((resource) => previews[0].changed.has(resource)));

  test("are at least 132 beside those that mean the same, and no two have a subject in common", () => {
    expect(CHANGES.filter((change) => !isSame(change)).length).toBeGreaterThanOrEqual(132);
    expect(new Set(CHANGES.map(({ subject, name }) => `${subject} ${name}`)).size).toBe(CHANGES.length);
  });

  test("are all found by one scan, which could look at everything, but for the same in another form", () => {
    const missed = CHANGES.filter((change) => !isSame(change) && byScan(change) === "no");
    expect(missed.map(({ what }) => what)).toEqual([]);
    const touched = new Set(CHANGES.filter(isSame).map(({ name }) => name));
    expect(report.findings.filter(({ subject }) => touched.has(subject.name))).toEqual([]);
    expect(report.notLooked).toEqual([]);
  });

  test("are all that is found: each finding is about what somebody changed", () => {
    const touched = new Set(CHANGES.map(({ subject, name }) => `${subject} ${name}`));
    const others = report.findings.map(({ subject }) => `${subject.kind} ${subject.name}`);
    expect(others.filter((each) => !touched.has(each)).sort()).toEqual(BESIDE);
  });

  test("stop a preview where a user, a group or an account of the stack is gone: it fails and shows no change", () => {
    const [before, after] = previews;
    expect(before).toMatchObject({ code: 0, failed: new Set() });
    expect(after.code).not.toBe(0);
    expect(after.changed).toEqual(new Set());
    const stopping = CHANGES.filter(({ stopsRefresh }) => stopsRefresh);
    for (const { what, resources } of stopping) {
      const named = [...after.failed].some((name) => resources.some((each) => name.startsWith(each)));
      expect(named, what).toBe(true);
    }
  });

  test("are found as docs/drift.md says (else: make drift-table)", async () => {
    const page = join(import.meta.dirname, "../../docs/drift.md");
    const [, before, after] = /^(.*<!-- measured -->\n).*(<!-- end -->.*)$/s.exec(readFileSync(page, "utf8")) ?? [];
    if (before === undefined) throw new Error("docs/drift.md has lost the marks around its table");
    await expect(`${before}${table(CHANGES, byScan, byPreview)}${after}`).toMatchFileSnapshot(page);
  });
});

function isSame({ direction }: Change): boolean {
  return direction === "same";
}

function word(found: boolean): string {
  return found ? "yes" : "no";
}

function table(
  changes: readonly Change[],
  byScan: (change: Change) => string,
  byPreview: (change: Change) => string,
): string {
  const [same, other] = [changes.filter(isSame), changes.filter((change) => !isSame(change))];
  const count = (of: readonly Change[], found: (change: Change) => string): number =>
    of.filter((each) => found(each) === "yes").length;
  const row = (change: Change): string => {
    const { subject, what, direction } = change;
    return `| ${subject} | ${what} | ${direction} | ${byScan(change)} | ${byPreview(change)} |`;
  };
  return `
| on | change by hand | which is | \`scan\` | \`preview --refresh\` |
|---|---|---|---|---|
${changes.map(row).join("\n")}
| | **found, of ${other.length}** | | **${count(other, byScan)}** | **${count(other, byPreview)}** |
| | **told, of ${same.length} that mean the same** | | **${count(same, byScan)}** | **${count(same, byPreview)}** |

`;
}
