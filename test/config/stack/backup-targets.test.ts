import { expect, test } from "vitest";
import { declaredBackupTargets } from "../../../config/rules/remotes.ts";
import { deploymentFaults } from "../../../config/stack/deployment-faults.ts";
import { formatSettingFault } from "../../../config/stack/fault.ts";
import { parseStackSettings } from "../../../config/stack/parse-settings.ts";
import { faultsOf } from "../../support/spec.ts";

const OFFSITE = { endpoint: "https://offsite.example:9000" };
const CANARY = "canary-of-a-secret";
const KEYS = { offsite: { accessKey: "shop", secretKey: CANARY } };

const parse = (targets: object, keys: unknown = KEYS, isEncrypted = true) =>
  parseStackSettings({
    backupTargets: { value: targets, isEncrypted: false },
    backupTargetCredentials: { value: keys === null ? undefined : JSON.stringify(keys), isEncrypted },
  });
const faults = (...args: Parameters<typeof parse>): string[] =>
  parse(...args).faults.map((fault) => formatSettingFault(fault, "prod"));

test("a backup target is an endpoint with its key, with region and CA where it has its own; its faults show no key", () => {
  expect(faults({ offsite: { ...OFFSITE, region: "eu-west-1", caFile: "ca.pem" } })).toEqual([]);
  const refused = [
    [faults({ "a/b": OFFSITE }), /is no name of a backup target/],
    [
      faults({ offsite: { endpoint: "offsite.example" } }),
      /backupTargets.offsite.endpoint must be the URL of the other/,
    ],
    [
      faults({ offsite: OFFSITE }, null, false),
      /backup target offsite has no key in bucketworks:backupTargetCredentials/,
    ],
    [
      faults({ offsite: OFFSITE }, KEYS, false),
      /backupTargetCredentials must be encrypted: it holds keys to other servers/,
    ],
    [faults({}), /backupTargetCredentials.offsite is a key of no backup target/],
  ] as const;
  for (const [found, words] of refused) {
    expect(found).toContainEqual(expect.stringMatching(words));
    expect(found.join("\n")).not.toContain(CANARY);
  }
});

test("an http URL of a backup target is refused outside dev", () => {
  const { settings } = parse({ offsite: { endpoint: "http://offsite.example:9000" } });
  const plain = (stage: string) =>
    deploymentFaults(settings, stage, "local").filter(({ key }) => key === "backupTargets");
  expect([plain("dev").length, plain("production").length]).toEqual([0, 1]);
});

test("where the stack is known a backup goes to a target of its own, never to the server of its buckets by that way", () => {
  const targets = { offsite: OFFSITE, own: { endpoint: "http://127.0.0.1:9000" } };
  const judged = (to: string, bucket = "copies", stage = "dev") =>
    faultsOf(
      `bucket_groups: {g: {versioning: true, buckets: [{name: orders}]}}
backup: {to: ${to}, bucket: ${bucket}, schedule: "1 2 * * *", keep: 3, buckets: [{name: orders}]}
`,
      { stage, rules: [declaredBackupTargets("dev", targets, "127.0.0.1:9000")] },
    );
  expect(judged("offsite")).toEqual([]);
  expect(judged("offsite", "orders")).toEqual([]);
  expect(judged("offsit")).toEqual([
    expect.stringMatching(
      /dangling-reference backup.to: this stack has no backup target "offsit" .*there are offsite, own .*; did you mean offsite\?/,
    ),
  ]);
  expect(judged("own")).toEqual([expect.stringMatching(/backup-target backup.to: "own" is the server of this stack/)]);
  expect(judged("offsite", "No_Bucket")).toEqual([expect.stringMatching(/bucket-name backup.bucket: "No_Bucket"/)]);
  expect(judged("of-another-stack", "copies", "production")).toEqual([]);
});
