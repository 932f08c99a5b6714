import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessPolicy } from "../../builders/access-policy.ts";
import { identityLine } from "../../verify/identities/identity-words.ts";
import { verifyIdentities } from "../../verify/identities/verify-identities.ts";
import { CuttingProxy } from "../support/cutting-proxy.ts";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { dumpOf, rootClient } from "../support/state.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { addressOf, make, SpecFile } from "../support/verified.ts";

const SPEC = `
bucket_groups:
  all:
    versioning: true
    buckets:
      - {name: raw-data}
      - {name: clean-data}
      - {name: other-data}
      - {name: locked-data, object_lock: {mode: compliance, days: 1}}
access:
  policies:
    cleaner:
      name: cleaner
      grants:
        - {role: read, bucket: raw-data, prefixes: [in/]}
        - {role: read_write, bucket: clean-data}
        - {role: write, bucket: locked-data}
    odd: {name: odd, grants: [{role: read_write, bucket: other-data, prefixes: ["a(b)'!/", "üñ/", "x+y&z%=/"]}]}
    lister: {name: lister, grants: [{role: list, bucket: other-data}]}
    restorer: {name: restorer, grants: [{role: restore, bucket: clean-data}]}
  users:
    cleaning: {policies: [cleaner]}
    other: {policies: [lister]}
    oddly: {policies: [odd]}
    restoring: {policies: [restorer, cleaner]}
  service_accounts:
    useless-job: {user: other, policies: [cleaner]}
`;
const SECRET = "a-secret-of-the-test";
const KEYS = {
  cleaning: { accessKey: "cleaning", secretKey: SECRET },
  other: { accessKey: "other", secretKey: SECRET },
  oddly: { accessKey: "oddly", secretKey: SECRET },
  restoring: { accessKey: "restoring", secretKey: SECRET },
};

let server: TestServer;
let mc: Mc;
let spec: SpecFile;

beforeAll(async () => {
  server = await TestServer.start();
  mc = new Mc(server);
  spec = new SpecFile(SPEC);
  await make(spec.model(), server);
  const folder = temporaryFolder();
  const [platform] = spec.model().platforms;
  for (const { name, grants } of platform?.access.policies ?? []) {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(accessPolicy(grants)));
    await mc.run("admin", "policy", "create", "t", name, file);
  }
  for (const { name, policies } of platform?.access.users ?? []) {
    await mc.run("admin", "user", "add", "t", name, SECRET);
    await mc.run("admin", "policy", "attach", "t", ...policies, "--user", name);
  }
  const s3 = rootClient(server);
  const { PutObjectCommand } = await import("@aws-sdk/client-s3");
  for (const Key of ["in/a", "secret/b"]) await s3.send(new PutObjectCommand({ Bucket: "raw-data", Key, Body: "x" }));
  s3.destroy();
});

afterAll(async () => {
  await server.stop();
  mc.remove();
  spec.remove();
});

async function lines(keys: Record<string, { accessKey: string; secretKey: string }> = KEYS): Promise<string[]> {
  const { findings, notTried } = await verifyIdentities(spec.model(), addressOf(server), keys);
  expect(notTried).toEqual([]);
  return findings.map(identityLine);
}

const USELESS = "useless-job: can't use its key: the stack has no key for it";

test("rights as the specs say are no finding, whatever characters their prefixes hold, and trying them leaves nothing on the server", async () => {
  const before = await dumpOf(server);
  const report = await verifyIdentities(spec.model(), addressOf(server), KEYS);
  expect(report.findings.map(identityLine)).toEqual([USELESS]);
  expect(report.identities).toBe(5);
  expect(report.tries).toBeGreaterThan(20);
  expect(await dumpOf(server)).toEqual(before);
  for (const bucket of ["clean-data", "locked-data"]) {
    expect(await mc.run("ls", "--incomplete", "--recursive", `t/${bucket}`)).toBe("");
  }
});

/** Runs with the answers lost to requests that begin an upload; `isLost` is given how often that request arrived. */
async function verifyBehind(isLost: (arrivals: number) => boolean) {
  const proxy = await CuttingProxy.before(server.url);
  const arrivals = new Map<string, number>();
  proxy.cut = (request) => {
    if (!/^POST .*\?uploads=?$/.test(request)) return;
    arrivals.set(request, (arrivals.get(request) ?? 0) + 1);
    return isLost(arrivals.get(request) ?? 0) ? "after" : undefined;
  };
  const s3 = rootClient(server);
  try {
    const report = await verifyIdentities(spec.model(), addressOf(server, { endpoint: proxy.endpoint }), KEYS);
    const uploads: string[] = [];
    for (const request of arrivals.keys()) {
      const [, Bucket, key = ""] = /\/([^/]+)\/([^?]+)/.exec(request) ?? [];
      // the server lists uploads of a whole key alone
      const list = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: decodeURIComponent(key) }));
      uploads.push(...(list.Uploads ?? []).map(({ Key }) => `${Bucket}/${Key}`));
    }
    return { report, uploads, arrivals };
  } finally {
    proxy.stop();
    s3.destroy();
  }
}

test("a put whose answer is lost and that is tried again leaves no upload on the server", async () => {
  const { report, uploads, arrivals } = await verifyBehind((nth) => nth === 1);
  expect([...arrivals.keys()]).toContainEqual(expect.stringMatching(/^POST \/clean-data\//));
  expect(new Set(arrivals.values())).toEqual(new Set([2]));
  expect(report.notTried).toEqual([]);
  expect(report.findings.map(identityLine)).toEqual([USELESS]);
  expect(uploads).toEqual([]);
});

test("a put whose answer never comes is no right, and leaves no upload on the server", async () => {
  const { report, uploads } = await verifyBehind(() => true);
  expect(report.notTried.map(({ identity }) => identity)).toEqual(["cleaning", "oddly", "other", "restoring"]);
  for (const { reason } of report.notTried) expect(reason).toMatch(/^can't reach MinIO .*connection broken off/);
  expect(uploads).toEqual([]);
});

test("a service account that has nothing in common with its user can do nothing, and that is said", async () => {
  expect(await lines({ ...KEYS, "useless-job": { accessKey: "any", secretKey: SECRET } })).toEqual([
    "useless-job: can't use its key: it may do nothing: its policies and its user's have no right in common",
  ]);
});

test("a right too many is found, and trying it leaves nothing behind", async () => {
  await mc.run("admin", "policy", "attach", "t", "readwrite", "--user", "other");
  try {
    const before = await dumpOf(server);
    const found = await lines();
    expect(found).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^other: get clean-data\/bucketworks-verify-\w+ is allowed, should be refused$/),
        expect.stringMatching(/^other: put clean-data\/bucketworks-verify-\w+ is allowed, should be refused$/),
        expect.stringMatching(/^other: delete clean-data\/bucketworks-verify-\w+ is allowed, should be refused$/),
      ]),
    );
    expect(await dumpOf(server)).toEqual(before);
  } finally {
    await mc.run("admin", "policy", "detach", "t", "readwrite", "--user", "other");
  }
});

test("a key that reaches former versions or administers itself is found, and trying it leaves nothing behind", async () => {
  const everything = [
    { Effect: "Allow", Action: ["s3:GetObject", "s3:DeleteObject"], Resource: ["arn:aws:s3:::clean-data/*"] },
    { Effect: "Allow", Action: ["s3:PutObjectTagging"], Resource: ["arn:aws:s3:::clean-data/*"] },
  ];
  const file = join(temporaryFolder(), "older.json");
  writeFileSync(file, JSON.stringify({ Version: "2012-10-17", Statement: everything }));
  await mc.run("admin", "policy", "create", "t", "older", file);
  // as documents were before they refused anything
  await mc.run("admin", "policy", "detach", "t", "lister", "--user", "other");
  await mc.run("admin", "policy", "attach", "t", "older", "--user", "other");
  try {
    const before = await dumpOf(server);
    const found = await lines();
    for (const operation of ["get", "tag", "delete"]) {
      const line = new RegExp(
        `^other: ${operation} a former version of clean-data/[-\\w]+ is allowed, should be refused$`,
      );
      expect(found).toContainEqual(expect.stringMatching(line));
    }
    expect(found).toContain("other: make a service account is allowed, should be refused");
    expect(found).toContain("other: set its own secret is allowed, should be refused");
    const ending = "other: end service accounts of its user is allowed, should be refused";
    expect(found).toContain(ending);
    // refused to nobody, "no such account" may be all that a server says
    expect(await lines({ other: KEYS.other })).not.toContain(ending);
    expect(await dumpOf(server)).toEqual(before);
    expect(await mc.run("admin", "accesskey", "list", "t", "other", "--svcacc-only")).not.toMatch(/verify/);
  } finally {
    await mc.run("admin", "policy", "detach", "t", "older", "--user", "other");
    await mc.run("admin", "policy", "attach", "t", "lister", "--user", "other");
  }
});

test("a former version that a role should read and can't is found, whichever of its policies stands in the way", async () => {
  const refusal = [{ Effect: "Deny", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::clean-data/*"] }];
  const file = join(temporaryFolder(), "refusal.json");
  writeFileSync(file, JSON.stringify({ Version: "2012-10-17", Statement: refusal }));
  await mc.run("admin", "policy", "create", "t", "refusal", file);
  await mc.run("admin", "policy", "attach", "t", "refusal", "--user", "restoring");
  try {
    const line = /^restoring: get a former version of clean-data\/[-\w]+ is refused, should be allowed$/;
    expect(await lines()).toContainEqual(expect.stringMatching(line));
  } finally {
    await mc.run("admin", "policy", "detach", "t", "refusal", "--user", "restoring");
  }
});

test("a right too few is found", async () => {
  await mc.run("admin", "policy", "detach", "t", "cleaner", "--user", "cleaning");
  try {
    expect(await lines()).toContainEqual(
      expect.stringMatching(/^cleaning: list clean-data is refused, should be allowed$/),
    );
    expect(await lines()).toContain("cleaning: find the bucket raw-data is refused, should be allowed");
  } finally {
    await mc.run("admin", "policy", "attach", "t", "cleaner", "--user", "cleaning");
  }
});

test("a disabled user and a wrong secret are found", async () => {
  await mc.run("admin", "user", "disable", "t", "other");
  try {
    const wrong = { ...KEYS, cleaning: { accessKey: "cleaning", secretKey: "not-its-secret" } };
    expect(await lines(wrong)).toEqual([
      expect.stringMatching(/^cleaning: can't use its key: the server refuses its key \(SignatureDoesNotMatch\)$/),
      expect.stringMatching(/^other: can't use its key: the server refuses its key \(InvalidAccessKeyId\)$/),
      USELESS,
    ]);
  } finally {
    await mc.run("admin", "user", "enable", "t", "other");
  }
});

test("with the server gone nobody is said to have lost a right", async () => {
  await server.pause("SIGKILL");
  try {
    const { findings, notTried } = await verifyIdentities(spec.model(), addressOf(server), KEYS);
    expect(findings.map(identityLine)).toEqual([USELESS]);
    expect(notTried.map(({ identity }) => identity)).toEqual(["cleaning", "oddly", "other", "restoring"]);
    expect(notTried[0]?.reason).toMatch(/can't reach MinIO/);
  } finally {
    await server.resume();
  }
});
