import { expect, test } from "vitest";
import { driftOf } from "../../report/drift.ts";
import { forgedFindings, identityFinding, settingFinding } from "../../report/findings.ts";
import type { Finding } from "../../verify/buckets.ts";
import type { IdentityFinding } from "../../verify/identities/verify-identities.ts";

const ABOUT = { bucket: "raw-data", platform: "trial" };
const policy = (action: string, principal: unknown = { AWS: ["*"] }) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: principal, Action: [action], Resource: ["arn:aws:s3:::raw-data/*"] }],
});
const IDENTITY: IdentityFinding = {
  ...{ identity: "ada", platform: "trial", operation: "get", bucket: "raw-data", key: "x" },
  ...{ expected: "refused", actual: "allowed" },
};

function found(setting: Finding["setting"], expected: unknown, actual: unknown) {
  return settingFinding({ ...ABOUT, setting, path: setting, expected, actual }, "production");
}

test("a bucket that is missing is critical, and the cure says that data don't come back by themselves", () => {
  expect(found("bucket", "present", "missing")).toMatchObject({
    severity: "critical",
    check: "exists",
    cure: expect.stringMatching(/^pulumi up --stack production makes it again, empty: .* from a backup alone/),
  });
});

test("a bucket that anyone may read or write is critical, one that is closed against its spec isn't", () => {
  expect(found("policy", null, policy("s3:GetObject"))).toMatchObject({ severity: "critical", check: "policy" });
  expect(found("policy", policy("s3:GetObject"), policy("s3:PutObject")).severity).toBe("critical");
  expect(found("policy", policy("s3:GetObject"), null).severity).toBe("warning");
  expect(found("policy", null, policy("s3:GetObject", { AWS: ["arn:aws:iam::1:user/ada"] })).severity).toBe("warning");
});

test("any other setting is a warning, in words", () => {
  expect(found("versioning", true, false)).toMatchObject({
    ...{ severity: "warning", check: "versioning", expected: "on", actual: "off" },
    cure: "pulumi up --stack production writes what the spec says; if the server is right, change the spec",
  });
  expect(found("objectLock", null, {}).check).toBe("object_lock");
});

test("an identity that may more than it should is critical, one that may less a warning", () => {
  expect(identityFinding(IDENTITY, "dev")).toMatchObject({
    ...{ severity: "critical", check: "identities", path: "access: ada get raw-data/x" },
    ...{ expected: "refused", actual: "allowed" },
  });
  const less = { ...IDENTITY, expected: "allowed", actual: "refused" } as const;
  expect(identityFinding(less, "dev").severity).toBe("warning");
});

test("a key that is dead is renewed, a strange one looked into", () => {
  const dead = { ...IDENTITY, operation: "use its key", bucket: null, key: null, expected: "allowed" } as const;
  expect(identityFinding(dead, "dev").cure).toMatch(/^bucketworks key rotate ada --stack dev /);
  const strange = { ...IDENTITY, operation: "act for a user", bucket: null, key: null } as const;
  expect(identityFinding(strange, "dev")).toMatchObject({
    severity: "critical",
    cure: expect.stringContaining("svcacct rm"),
  });
});

test("a forged write takes the bucket it got into, and what a try may have left is told", () => {
  const request = { request: "a put", bucket: "raw-data", answer: "BadDigest" };
  const hole = "unsigned trailer" as const;
  const forged = forgedFindings({
    ...{ tries: 2, untried: [], notTried: [], left: ["reports/x"] },
    findings: [{ hole, advisory: "CVE-1", requests: [request, request], left: ["raw-data/y"] }],
  });
  expect(forged.map(({ bucket, finding }) => [bucket, finding.severity, finding.check])).toEqual([
    ["raw-data", "critical", "forged"],
    ["reports", "warning", "forged"],
  ]);
  expect(forged[0]?.finding.cure).toContain("delete raw-data/y");
  expect(forged[1]?.finding.cure).toContain("delete reports/x");
});

test("drift keeps what scan found, its risk as one of two", () => {
  const subject = { kind: "bucket", name: "odd\u202e" } as const;
  const of = { subject, platform: null, path: "", expected: null, actual: null, message: "is on the server" };
  const drift = driftOf(
    {
      findings: [
        { ...of, kind: "unmanaged", severity: "high" },
        { ...of, kind: "missing", severity: "low" },
      ],
    },
    "dev",
  );
  expect("findings" in drift && drift.findings).toMatchObject([
    { name: "odd\u202e", kind: "unmanaged", severity: "critical", expected: "in no spec", actual: "is on the server" },
    { severity: "warning", cure: expect.stringContaining("pulumi up --stack dev --refresh") },
  ]);
});
