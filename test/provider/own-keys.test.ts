import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "minio";
import { AssumeRoleProvider } from "minio/dist/esm/AssumeRoleProvider.mjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessPolicy } from "../../builders/access-policy.ts";
import { LiveClient } from "../../live/client.ts";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { addressOf } from "../support/verified.ts";

const BUCKET = "of-a-user";
const SECRET = randomBytes(16).toString("hex");

const folder = temporaryFolder();
let server: TestServer;
let mc: Mc;

beforeAll(async () => {
  server = await TestServer.start();
  mc = new Mc(server);
  await mc.run("mb", `t/${BUCKET}`);
});

afterAll(async () => {
  mc.remove();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A user with a policy, and two service accounts, one with a document of its own; all have the same secret. */
async function userWithJobs(name: string, document: object): Promise<string[]> {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(document));
  await mc.run("admin", "user", "add", "t", name, SECRET);
  await mc.run("admin", "policy", "create", "t", name, file);
  await mc.run("admin", "policy", "attach", "t", name, "--user", name);
  const [own, same] = [`${name}-own`, `${name}-same`];
  for (const job of [own, same]) {
    const policy = job === own ? ["--policy", file] : [];
    await mc.run("admin", "accesskey", "create", "t", name, "--access-key", job, "--secret-key", SECRET, ...policy);
  }
  return [own, same];
}

/** What somebody does with this key. */
async function as<Result>(user: string, work: (own: Mc) => Promise<Result>): Promise<Result> {
  const own = new Mc({ endpoint: server.endpoint, user, password: SECRET });
  try {
    return await work(own);
  } finally {
    own.remove();
  }
}

/** Ends all sessions of the key's own user. @returns the server's status */
async function endSessions(accessKey: string): Promise<number> {
  const client = new LiveClient(addressOf(server, { accessKey, secretKey: SECRET }));
  try {
    const objectName = "admin/v3/revoke-tokens/builtin";
    return (await client.send({ method: "POST", bucketName: "minio", objectName, query: { fullRevoke: "true" } }))
      .status;
  } finally {
    client.close();
  }
}

async function sessionOf(accessKey: string): Promise<Client> {
  const { region } = addressOf(server);
  const provider = new AssumeRoleProvider({ stsEndpoint: server.url, accessKey, secretKey: SECRET, region });
  const session = await provider.getCredentials();
  const [endPoint = "", port] = server.endpoint.split(":");
  return new Client({
    endPoint,
    port: Number(port),
    useSSL: false,
    accessKey: session.getAccessKey(),
    secretKey: session.getSecretKey(),
    sessionToken: String(session.getSessionToken()),
  });
}

/** Access keys of a user's service accounts. */
async function accountsOf(user: string): Promise<string[]> {
  const listed = JSON.parse(await mc.run("admin", "accesskey", "list", "t", user, "--svcacc-only", "--json"));
  return listed.svcaccs.map(({ accessKey }: { accessKey: string }) => accessKey).sort();
}

const READING = accessPolicy([{ role: "read", bucket: BUCKET, prefixes: [] }]);

test("a user makes no service account for itself and doesn't set its own secret", async () => {
  await userWithJobs("making", READING);
  await as("making", async (own) => {
    for (const args of [
      ["accesskey", "create", "t"],
      ["user", "svcacct", "add", "t", "making"],
      ["user", "add", "t", "making", "another-secret-of-it"],
    ]) {
      await expect(own.run("admin", ...args)).rejects.toThrow(/Access Denied/);
    }
    expect(await own.run("ls", `t/${BUCKET}`)).toBe("");
  });
});

test("a user's key ends no service account, its own neither; no service account's key ends another, itself or a session", async () => {
  const jobs = await userWithJobs("ending", READING);
  const [theirs] = await userWithJobs("other", READING);
  const session = await sessionOf("ending");
  for (const key of ["ending", ...jobs]) {
    await as(key, async (own) => {
      for (const account of [...jobs, String(theirs)])
        for (const deed of ["rm", "disable"])
          await expect(own.run("admin", "accesskey", deed, "t", account), `${key}: ${deed} ${account}`).rejects.toThrow(
            /Access Denied/,
          );
    });
    expect([key, await endSessions(key)]).toEqual([key, 403]);
  }
  expect(await accountsOf("ending")).toEqual(jobs);
  expect(await accountsOf("other")).toContain(theirs);
  for (const job of jobs) expect(await as(job, (own) => own.run("ls", `t/${BUCKET}`))).toBe("");
  expect(await session.bucketExists(BUCKET)).toBe(true);
});

test("who is refused nothing ends service accounts and sessions of its own as before, and no other's", async () => {
  const [, same = ""] = await userWithJobs("free", {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: ["s3:ListBucket"], Resource: [`arn:aws:s3:::${BUCKET}`] }],
  });
  const [theirs = ""] = await userWithJobs("owner", READING);
  await as("free", async (own) => {
    await expect(own.run("admin", "accesskey", "rm", "t", theirs)).rejects.toThrow(/not found/);
    await own.run("admin", "accesskey", "rm", "t", same);
  });
  expect(await accountsOf("free")).not.toContain(same);
  expect(await accountsOf("owner")).toContain(theirs);
  expect(await endSessions("free")).toBeLessThan(300);
});

test("the deployer ends what it made", async () => {
  const [own = ""] = await userWithJobs("made", READING);
  await mc.run("admin", "accesskey", "rm", "t", own);
  expect(await accountsOf("made")).not.toContain(own);
});
