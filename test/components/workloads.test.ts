import { setTimeout } from "node:timers/promises";
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, test } from "vitest";
import type { DatabaseLogin } from "../../components/database-logins.ts";
import { PlatformWorkloads, type WorkloadsArgs } from "../../components/kubernetes/workloads.ts";
import type { CredentialOutput } from "../../components/outputs.ts";
import type { Workload, WorkloadStep } from "../../config/model.ts";
import { recordRegistrations } from "../support/registrations.ts";
import { PLACE, someWorkloads } from "../support/workload-place.ts";

interface Made {
  readonly name: string;
  readonly inputs: {
    readonly metadata?: { readonly labels?: object; readonly annotations?: object };
    readonly stringData?: object;
  };
  /** When it began and ended to be made, as numbers that grow. */
  readonly began: number;
  ended: number;
}

let made: Map<string, Made>;
let clock: number;

beforeEach(async () => {
  made = new Map();
  clock = 0;
  const newResource = async ({ name, inputs, type }: pulumi.runtime.MockResourceArgs) => {
    const each: Made = { name, inputs, began: clock++, ended: -1 };
    made.set(name, each);
    // What doesn't wait for it has begun by then.
    if (type.startsWith("kubernetes:")) await setTimeout(50);
    each.ended = clock++;
    return { id: `${name}-id`, state: inputs };
  };
  await pulumi.runtime.setMocks({ newResource, call: ({ inputs }) => inputs }, "bucketworks", "dev");
});

const OFFSITE = {
  offsite: {
    endpoint: "https://offsite.example:9000",
    caFile: "test/components/workloads.test.ts",
    accessKey: pulumi.secret("OFFSITE-KEY"),
    secretKey: pulumi.secret("OFFSITE-SECRET"),
  },
};

class Ready extends pulumi.ComponentResource {}
class Migrations extends pulumi.CustomResource {}

async function run(more: Partial<WorkloadsArgs> = {}): Promise<(name: string) => Made> {
  const keys: Record<string, CredentialOutput> = {
    "trial-reader": { accessKey: "KEY", secretKey: "SECRET" },
    other: { accessKey: "O", secretKey: "O" },
    "a-bucket-backup-job": { accessKey: "B", secretKey: "B" },
  };
  new PlatformWorkloads("trial", {
    place: PLACE,
    workloads: someWorkloads(),
    exportedServiceAccounts: [],
    serviceKeys: [],
    checksums: undefined,
    config: "bucket_groups: {}\n",
    credentials: pulumi.secret(keys),
    region: "us-east-1",
    provider: new Provider("kubernetes"),
    ready: new Ready("test:Ready", "ready"),
    migrated: undefined,
    backupTargets: OFFSITE,
    logins: undefined,
    ...more,
  });
  await pulumi.runtime.disconnect();
  return (name) => {
    const found = made.get(name);
    if (found === undefined) throw new Error(`no ${name} among ${[...made.keys()].join(", ")}`);
    return found;
  };
}

test("a job that gates ends before the platform's other workloads begin, and begins with its key and file there", async () => {
  const of = await run();
  for (const name of ["Secret/trial-reader-s3", "ConfigMap/bucket-config"]) {
    expect(of("Job/first").began).toBeGreaterThan(of(name).ended);
  }
  for (const name of ["CronJob/report", "Deployment/serving", "Service/serving"]) {
    expect(of(name).began).toBeGreaterThan(of("Job/first").ended);
  }
});

test("who logs in to a database begins after its migrations", async () => {
  const migrated = new Migrations("kubernetes:batch/v1:Job", "migrations", {});
  const of = await run({ migrated });
  expect(of("CronJob/report").began).toBeGreaterThan(of("migrations").ended);
});

test("a Secret is made for the accounts that are used or handed over, and for no other", async () => {
  await run({ workloads: [], exportedServiceAccounts: ["other"] });
  expect([...made.keys()].filter((name) => name.startsWith("Secret/"))).toEqual(["Secret/other-s3"]);
});

test("the job of a backup on another server begins with a Secret of that one's key and CA; they stand nowhere else", async () => {
  const of = await run();
  const { metadata, stringData } = of("Secret/trial-backup-target").inputs;
  expect(metadata?.labels).toMatchObject({ "app.kubernetes.io/part-of": "trial" });
  const data = stringData as Record<string, string>;
  expect(JSON.stringify(data)).toContain('"BACKUP_TARGET_ACCESS_KEY":"OFFSITE-KEY"');
  expect(JSON.stringify(data)).toContain('"BACKUP_TARGET_SECRET_KEY":"OFFSITE-SECRET"');
  expect(JSON.stringify(data)).toContain('"ca.crt":"import ');
  // Encrypted in the state: what the engine is given is marked as a secret.
  expect(JSON.stringify(data)).toContain("4dabf18193072939515e22adb298388d");
  expect(of("CronJob/a-bucket-backup").began).toBeGreaterThan(of("Secret/trial-backup-target").ended);
  const others = [...made.values()].filter(({ name }) => name !== "Secret/trial-backup-target");
  expect(JSON.stringify(others.map(({ inputs }) => inputs))).not.toMatch(/OFFSITE-/);
});

test("a backup target that the stack lacks, or a CA file that isn't there, is refused in one sentence", async () => {
  await expect(run({ backupTargets: {} })).rejects.toThrow(
    /^platform trial is backed up to offsite, which the stack doesn't have in bucketworks:backupTargets; declare it/,
  );
  const { offsite } = OFFSITE;
  await expect(run({ backupTargets: { offsite: { ...offsite, caFile: "no-such-ca.pem" } } })).rejects.toThrow(
    /ENOENT.*no-such-ca.pem/,
  );
});

test("a Secret holds the key for the server inside the cluster, and says whose it is and since when", async () => {
  const of = await run();
  const { metadata, stringData } = of("Secret/trial-reader-s3").inputs;
  expect(metadata?.labels).toMatchObject({
    "bucketworks.io/owner": "trial",
    "bucketworks.io/identity": "trial-reader",
    "bucketworks.io/issued": expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
  });
  const plain = JSON.stringify(stringData);
  expect(plain).toContain('"MINIO_ENDPOINT":"minio-service.mlops.svc.cluster.local:9000"');
  expect(plain).toContain("[default]\\naws_access_key_id = KEY\\n");
});

test("a Secret that is handed over names region and server for every SDK, and for KServe", async () => {
  const of = await run({
    workloads: [],
    exportedServiceAccounts: ["other"],
    region: "eu-west-1",
    checksums: "when_required",
  });
  const { metadata, stringData } = of("Secret/other-s3").inputs;
  const plain = JSON.stringify(stringData);
  for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION"]) expect(plain).toContain(`"${name}":"eu-west-1"`);
  expect(plain).toContain('"AWS_REQUEST_CHECKSUM_CALCULATION":"when_required"');
  expect(metadata?.annotations).toMatchObject({
    "serving.kserve.io/s3-endpoint": "minio-service.mlops.svc.cluster.local:9000",
    "serving.kserve.io/s3-usehttps": "1",
    "serving.kserve.io/s3-region": "eu-west-1",
  });
  const own = (await run()) && of("Secret/trial-reader-s3").inputs;
  expect(JSON.stringify(own)).not.toMatch(/serving\.kserve\.io|CHECKSUM/);
});

test.each([
  ["with @", "job@trial", "job-trial-s3"],
  ["of 64 characters", "a".repeat(64), `${"a".repeat(64)}-s3`],
])("an account whose name no label takes, one %s, is named by an annotation", async (_, account, secret) => {
  const keys: Record<string, CredentialOutput> = { [account]: { accessKey: "K", secretKey: "S" } };
  const of = await run({ workloads: [], exportedServiceAccounts: [account], credentials: pulumi.secret(keys) });
  const { metadata } = of(`Secret/${secret}`).inputs;
  expect(metadata?.labels).not.toHaveProperty("bucketworks.io/identity");
  expect(metadata?.annotations).toMatchObject({ "bucketworks.io/identity": account });
});

const allWith = (rights: Partial<WorkloadStep>): Workload[] =>
  someWorkloads().map((each) => ({ ...each, steps: each.steps.map((step) => ({ ...step, ...rights })) }));

test("a key that was issued anew starts the pods of services anew, and no job", async () => {
  const workloads = allWith({ serviceAccount: "trial-reader" });
  const named = ["Deployment/serving", "CronJob/report", "Job/first", "Service/serving"];
  const withKey = async (secretKey: string): Promise<string[]> => {
    const keys: Record<string, CredentialOutput> = { "trial-reader": { accessKey: "TRIAL", secretKey } };
    const of = await run({ workloads, credentials: pulumi.secret(keys) });
    const all = named.map((name) => JSON.stringify(of(name).inputs));
    made.clear();
    return all;
  };
  const [first, again, second] = [await withKey("SECRET"), await withKey("SECRET"), await withKey("ANOTHER")];
  expect(again).toEqual(first);
  expect(second.map((each, index) => each === first[index])).toEqual([false, true, true, true]);
  expect(first.join()).not.toMatch(/"SECRET"|TRIAL/);
});

test("a login under another key of the database starts the pods of services anew, and no job", async () => {
  const workloads = allWith({ databaseRole: "a_reporter" });
  const named = ["Deployment/serving", "CronJob/report", "Job/first"];
  const withPassword = async (password: string): Promise<string[]> => {
    const logins: Record<string, DatabaseLogin> = {
      a_reporter: { user: "a_reporter", password, database: "trial_db" },
    };
    const of = await run({ workloads, logins: pulumi.secret(logins) });
    const all = named.map((name) => JSON.stringify(of(name).inputs));
    made.clear();
    return all;
  };
  const [first, second] = [await withPassword("first-password"), await withPassword("second-password")];
  expect(second.map((each, index) => each === first[index])).toEqual([false, true, true]);
  expect(first.join()).not.toContain("first-password");
});

test("an update waits for a job as long as the job may run, and a minute more", async () => {
  const of = await recordRegistrations();
  const workloads = someWorkloads().map((each) =>
    each.run.kind === "job" ? { ...each, run: { ...each.run, deadlineSeconds: 7200 } } : each,
  );
  await run({ workloads });
  expect(of("Job/first").timeouts).toEqual({ create: "7260s", update: "7260s" });
  expect(of("CronJob/report").timeouts).toEqual({ create: "", update: "" });
});
