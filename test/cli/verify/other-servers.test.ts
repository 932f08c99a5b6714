import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import { LiveClient } from "../../../live/client.ts";
import type { ServerAddress } from "../../../live/server-address.ts";
import type { ForgedReport } from "../../../verify/forged/forged-report.ts";
import { forgedLine, leftLine } from "../../../verify/forged/forged-words.ts";
import { verifyForged } from "../../../verify/forged/verify-forged.ts";
import { tryOwnAdministration } from "../../../verify/identities/administration.ts";
import { SpecFile } from "../../support/verified.ts";

/** What a server of another make does. */
interface Ways {
  /** Whether it stores a put. */
  readonly stores: (asked: Asked) => boolean;
  /** Keeps versions, and says so in no answer but the list of them. */
  readonly versions?: boolean;
  readonly deletes?: boolean;
}

interface Asked {
  readonly isAnonymous: boolean;
  readonly isCopy: boolean;
  readonly isForged: boolean;
}

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function listening(answer: (request: IncomingMessage) => { status: number; body?: string }) {
  const server = createServer(async (request, response) => {
    await buffer(request);
    const { status, body = "" } = answer(request);
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { endpoint, secure: false, region: "us-east-1", accessKey: "deployer", secretKey: "a-password" };
}

const error = (status: number, code: string) => ({ status, body: `<Error><Code>${code}</Code></Error>` });

/** Tries a server with one bucket. @returns the report, and keys that are stored afterwards, a marker for each delete of one by name */
async function tried({
  stores,
  versions = false,
  deletes = true,
}: Ways): Promise<{ report: ForgedReport; stored: string[] }> {
  let stored: { key: string; version: string }[] = [];
  const address = await listening((request) => {
    const url = new URL(String(request.url), "http://server");
    const key = decodeURIComponent(url.pathname.slice("/some-data/".length));
    const query = url.searchParams;
    switch (request.method) {
      case "PUT": {
        const isNamed = request.headers.authorization !== undefined || query.has("X-Amz-Credential");
        const isCopy = request.headers["x-amz-copy-source"] !== undefined;
        const isForged = request.headers["x-amz-content-sha256"] !== undefined;
        if (!stores({ isAnonymous: !isNamed, isCopy, isForged })) return error(403, "SignatureDoesNotMatch");
        stored = [
          ...stored.filter((one) => versions || one.key !== key),
          { key, version: versions ? `v${stored.length}` : "null" },
        ];
        return { status: 200 };
      }
      case "HEAD":
        return { status: stored.some((one) => one.key === key) ? 200 : 404 };
      case "DELETE": {
        if (!deletes) return error(403, "AccessDenied");
        const version = query.get("versionId");
        if (versions && version === null) stored.push({ key, version: "marker" });
        else stored = stored.filter((one) => one.key !== key || (versions && one.version !== version));
        return { status: 204 };
      }
      default: {
        if (query.has("object-lock")) return error(404, "ObjectLockConfigurationNotFoundError");
        if (!query.has("versions")) return error(403, "AccessDenied");
        if (!versions) return error(501, "NotImplemented");
        const all = stored.map(
          (one) => `<Version><Key>${one.key}</Key><VersionId>${one.version}</VersionId></Version>`,
        );
        return { status: 200, body: `<ListVersionsResult>${all.join("")}</ListVersionsResult>` };
      }
    }
  });
  const spec = new SpecFile("bucket_groups: {all: {buckets: [{name: some-data}]}}");
  const report = await verifyForged(spec.model(), address);
  spec.remove();
  return { report, stored: stored.map(({ key }) => key) };
}

describe("on a server of another make", () => {
  test.each([false, true])("whatever a forged request stores is removed (versions: %s)", async (versions) => {
    const { report, stored } = await tried({ stores: ({ isAnonymous }) => !isAnonymous, versions });
    expect(report.findings.map(({ hole }) => hole)).toEqual(["unsigned trailer", "snowball"]);
    expect(report.findings.flatMap(({ left }) => left)).toEqual([]);
    expect({ left: report.left, stored }).toEqual({ left: [], stored: [] });
  });

  test("what can't be removed is named, archives too, where nothing was found as well", async () => {
    const forged = await tried({ stores: ({ isAnonymous }) => !isAnonymous, deletes: false });
    const key = `some-data/${forged.stored[0]}`;
    expect(key).toMatch(/^some-data\/bucketworks-verify-\w{12}$/);
    expect(forged.report.findings.map(({ left }) => left)).toEqual([[key], [key]]);
    for (const finding of forged.report.findings) expect(forgedLine(finding)).toContain(`${key} may be stored still`);
    const copied = await tried({ stores: ({ isCopy }) => isCopy, deletes: false });
    const [left = ""] = copied.report.left;
    expect(left).toBe(`some-data/${copied.stored[0]}`);
    expect(leftLine(left)).toContain(left);
  });

  test("a put by a presigned URL, its MD5 ignored, is no copy of another object", async () => {
    const { report, stored } = await tried({ stores: ({ isCopy }) => isCopy });
    expect(report).toMatchObject({ findings: [], notTried: [], left: [] });
    expect(stored).toEqual([]);
  });

  test("a bucket into which anybody may put says nothing about requests by nobody", async () => {
    const { report, stored } = await tried({ stores: ({ isAnonymous }) => isAnonymous });
    expect(report.findings).toEqual([]);
    expect(report.untried).toContainEqual({
      hole: null,
      reason: expect.stringMatching(/anybody may put .* some-data/),
    });
    expect(stored).toEqual([]);
  });

  test("a forged request by nobody is a hole where nobody may put otherwise", async () => {
    const { report } = await tried({ stores: ({ isAnonymous, isForged }) => isAnonymous && isForged });
    const requests = report.findings.flatMap((finding) => finding.requests.map(({ request }) => request));
    expect(requests).toContain("PUT of an object by nobody");
  });
});

describe("a service account that a server makes though its policy is impossible", () => {
  async function administered(deleted: { status: number; body?: string }) {
    const address: ServerAddress = await listening(({ method }) => (method === "PUT" ? { status: 200 } : deleted));
    const client = new LiveClient(address);
    const at = { own: client, deployer: client };
    const identity = { name: "ada-job", kind: "service account", grants: [] } as const;
    const [tried] = await tryOwnAdministration(identity, at);
    client.close();
    return tried;
  }

  test("is ended at once", async () => {
    expect(await administered({ status: 204 })).toEqual({ operation: "make a service account", outcome: "allowed" });
  });

  test("is named where it can't be ended", async () => {
    const tried = await administered(error(403, "AccessDenied"));
    expect(tried).toMatchObject({
      outcome: "allowed",
      left: expect.stringMatching(/^service account verify\w{12} of ada-job can't be removed .*AccessDenied/),
    });
  });
});
