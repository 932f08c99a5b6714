import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { encrypted } from "../../live/encrypted-body.ts";
import { scanServer } from "../../scan/scan.ts";
import { TestServer } from "../support/minio.ts";
import { FrontServer, makeUsers } from "../support/scanned.ts";
import { CANARY, NOTHING_IGNORED, names, SCANNER, ScannedServer, unread } from "../support/scanned-server.ts";
import { rootClient } from "../support/state.ts";
import { makeCertificate } from "../support/tls.ts";
import { tool } from "../support/toolchain.ts";
import { addressOf, bucketworks, environment } from "../support/verified.ts";

let scanned: ScannedServer;
let front: FrontServer;

beforeAll(async () => {
  scanned = await ScannedServer.start();
  front = await FrontServer.start(scanned.server);
});

afterAll(async () => {
  front.close();
  await scanned.stop();
});

beforeEach(() => {
  front.takeOver = () => false;
});

describe("a server that answers in part", () => {
  const viaFront = () => ({ endpoint: front.endpoint });
  const path = (url: string | undefined) => (url ?? "").split("?")[0] ?? "";

  test.each<[string, (body: Buffer) => Buffer | undefined]>([
    ["breaks the export of all buckets off", (body) => body.subarray(0, body.length / 2)],
    ["answers a web page for the export", () => Buffer.from("<html>hello</html>")],
    ["refuses the export", () => undefined],
  ])("%s: each bucket is asked for itself, and nothing is found", async (_, changed) => {
    const zip = await fetchExport();
    let taken = 0;
    front.takeOver = ({ url }, response) => {
      if (!path(url).endsWith("/export-bucket-metadata")) return false;
      taken++;
      const body = changed(zip);
      response.writeHead(body === undefined ? 403 : 200).end(body);
      return true;
    };
    const report = await scanned.scan(viaFront());
    expect({ found: names(report), unread: unread(report), taken }).toEqual({ found: [], unread: [], taken: 1 });
  });

  test.each<[string, RegExp, string[]]>([
    ["one setting of one bucket", /^\/raw-data\/?\?tagging/, ["bucket raw-data"]],
    ["the users", /admin\/v3\/list-users/, ["user *"]],
    ["one group", /admin\/v3\/group\?/, ["group staff"]],
    ["service accounts", /list-access-keys-bulk/, ["service account *"]],
    ["documents of service accounts", /info-service-account/, ["service account robot-job"]],
    ["policies", /list-canned-policies/, ["policy *"]],
    ["tiers", /admin\/v3\/tier/, ["tier *"]],
    ["replication targets", /list-remote-targets/, ["replication *"]],
    ["the sites of a replication", /site-replication\/info/, ["site replication *"]],
    ["batch jobs", /list-jobs/, ["batch job *"]],
  ])("refused %s: that can't be looked at, the rest is, nothing is found", async (_, asked, expected) => {
    front.takeOver = ({ url = "" }, response) => {
      if (!asked.test(url) && !/export-bucket-metadata/.test(url)) return false;
      response.writeHead(403, { "content-type": "application/json" });
      const xml = "<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>";
      response.end(url.includes("/admin/") ? '{"Code":"AccessDenied","Message":"Access Denied."}' : xml);
      return true;
    };
    const report = await scanned.scan(viaFront());
    expect({ found: names(report), unread: unread(report) }).toEqual({ found: [], unread: expected });
    expect(report.notLooked[0]?.reason).toMatch(/AccessDenied/);
  });

  test.each<[string, RegExp, number, string]>([
    ["doesn't know the call for its configuration", /\/config/, 501, '{"Code":"NotImplemented"}'],
    ["answers a web page for its configuration", /\/config/, 200, "<html>hello</html>"],
    ["breaks off at the plugin of old", /get-config-kv/, 501, '{"Code":"XMinioStorageFull"}'],
  ])("%s: that can't be looked at, nothing is found", async (_, asked, status, body) => {
    front.takeOver = ({ url = "" }, response) => {
      if (!asked.test(path(url))) return false;
      response.writeHead(status, { "content-type": "application/json" }).end(body);
      return true;
    };
    const report = await scanned.scan(viaFront());
    expect({ found: names(report), unread: unread(report) }).toEqual({ found: [], unread: ["server configuration *"] });
  });

  test.each(["", "site name= region= \n"])(
    "answers %j as its configuration: that isn't the whole of it",
    async (text) => {
      front.takeOver = ({ url }, response) => {
        if (!path(url).endsWith("/config")) return false;
        response.end(encrypted(scanned.server.password, text));
        return true;
      };
      const report = await scanned.scan(viaFront());
      expect({ found: names(report), unread: unread(report) }).toEqual({
        found: [],
        unread: ["server configuration *"],
      });
    },
  );

  test("that knows no plugin of old has its configuration looked at nevertheless", async () => {
    front.takeOver = ({ url = "" }, response) => {
      if (!/get-config-kv/.test(url)) return false;
      response.writeHead(400, { "content-type": "application/json" }).end('{"Code":"XMinioConfigError"}');
      return true;
    };
    const report = await scanned.scan(viaFront());
    expect([names(report), unread(report), report.looked.configuration]).toEqual([[], [], true]);
  });

  test("goes away midway: the rest could not be looked at, and nothing is missing", async () => {
    let left = 12;
    front.takeOver = ({ url = "", socket }, response) => {
      if (/export-bucket-metadata/.test(url)) return response.writeHead(403).end() !== undefined;
      if (left-- > 0) return false;
      socket.destroy();
      return true;
    };
    const report = await scanned.scan(viaFront(), { concurrency: 1 });
    expect(names(report)).toEqual([]);
    expect(unread(report)).toContain("bucket vanishing-data");
  });

  async function fetchExport(): Promise<Buffer> {
    const { LiveClient } = await import("../../live/client.ts");
    const client = new LiveClient(addressOf(scanned.server));
    const { body } = await client.adminFile("export-bucket-metadata");
    client.close();
    return body;
  }
});

test("a bucket that vanishes while it is scanned is missing only by the server's word, one in no spec is no finding", async () => {
  await scanned.mc.run("mb", "t/zz-vanishing");
  let vanished = false;
  const onProgress = (): void => {
    if (vanished) return;
    vanished = true;
    const env = {
      ...process.env,
      MC_HOST_v: `http://${scanned.server.user}:${scanned.server.password}@${scanned.server.endpoint}`,
    };
    for (const bucket of ["zz-vanishing", "vanishing-data"])
      execFileSync(tool("mc"), ["rb", `v/${bucket}`], { env, stdio: "ignore" });
  };
  const report = await scanned.scan(SCANNER, { concurrency: 1, onProgress });
  expect({ found: names(report), unread: unread(report) }).toEqual({
    found: ["missing bucket vanishing-data"],
    unread: [],
  });
});

describe("many strangers", () => {
  /** Of buckets and of users; `STRANGERS=500 make test` for more. */
  const COUNT = Number(process.env.STRANGERS ?? 100);

  beforeAll(async () => {
    const s3 = rootClient(scanned.server);
    const numbers = Array.from({ length: COUNT }, (_, index) => String(index).padStart(3, "0"));
    for (let from = 0; from < COUNT; from += 20) {
      await Promise.all(numbers.slice(from, from + 20).map((each) => s3.createBucket({ Bucket: `strange-${each}` })));
    }
    s3.destroy();
    await makeUsers(
      scanned.mc,
      numbers.map((each) => `stranger-${each}`),
      CANARY,
    );
  });

  test(`${COUNT} buckets and as many users in no spec are all found, by root and by the scanning identity, and can be left out`, async () => {
    for (const who of [{}, SCANNER]) {
      const start = performance.now();
      const found = names(await scanned.scan(who));
      console.log(`${COUNT} buckets and as many users scanned in ${Math.round(performance.now() - start)} ms`);
      expect(found.filter((name) => /^unmanaged bucket strange-\d{3}$/.test(name))).toHaveLength(COUNT);
      expect(found.filter((name) => /^unmanaged user stranger-\d{3}$/.test(name))).toHaveLength(COUNT);
      expect(found).toHaveLength(2 * COUNT + 1);
    }
    const tomorrow = new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
    const more = ["bucket", "user"].map(
      (kind) => `  - {kind: ${kind}, name: "strang*", owner: o, reason: r, expires: ${tomorrow}}\n`,
    );
    scanned.ignore(`ignore:\n${more.join("")}`);
    const { code, stdout } = await scanned.run();
    scanned.ignore(NOTHING_IGNORED);
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: expect.stringMatching(
        new RegExp(
          `^high {6}missing {4}bucket vanishing-data: .*\\nexpiry is asynchronous.*\\n.*findings 1, ignored ${2 * COUNT} `,
        ),
      ),
    });
  });

  test("no secret of root, users, accounts or replication is in any output", async () => {
    await scanned.mc.run("version", "enable", "t/strange-000");
    await scanned.mc.run("version", "enable", "t/strange-001");
    await scanned.mc.run("admin", "user", "add", "t", "replicator", `${CANARY}-r`);
    await scanned.mc.run("admin", "policy", "attach", "t", "readwrite", "--user", "replicator");
    const remote = `http://replicator:${CANARY}-r@${scanned.server.endpoint}/strange-001`;
    await scanned.mc.run("replicate", "add", "t/strange-000", "--remote-bucket", remote);
    for (const format of ["text", "json", "sarif", "markdown"]) {
      const { code, stdout, stderr } = await scanned.run(["--format", format]);
      expect({ format, code }).toEqual({ format, code: 1 });
      expect(stdout).toMatch(/replication/);
      expect(stdout + stderr).not.toContain(CANARY);
      expect(stdout + stderr).not.toContain(scanned.server.password);
    }
  });
});

test("a server behind TLS is looked at with the authority of caFile, and not without it", async () => {
  const certificate = makeCertificate();
  const server = await TestServer.start({}, certificate);
  const model = { ...scanned.spec.model(), platforms: [] };
  const address = addressOf(server, { secure: true, caFile: certificate.caFile });
  const report = await scanServer(model, address, {});
  expect({ found: names(report), unread: unread(report) }).toEqual({ found: [], unread: [] });
  await expect(scanServer(model, { ...address, caFile: undefined }, {})).rejects.toThrow(/isn't trusted/);
  await server.stop();
  certificate.remove();
});

describe("could not look is exit code 3 and one sentence:", () => {
  const sentence = async (env: Record<string, string>, words: RegExp) => {
    const { code, stdout, stderr } = await bucketworks(["scan", scanned.spec.path], {
      ...environment(scanned.server),
      ...env,
    });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(words);
    expect(stderr.trimEnd()).not.toContain("\n");
    expect(stderr).not.toContain(scanned.server.password);
  };

  test("nothing listens", () =>
    sentence({ MINIO_ENDPOINT: "127.0.0.1:1" }, /^scan: can't reach MinIO at .*connection refused/));
  test("a wrong password", () =>
    sentence({ MINIO_ROOT_PASSWORD: "wrong-password" }, /refuses the credentials \(SignatureDoesNotMatch\)/));
});

describe("wrong use is exit code 2:", () => {
  test.each([
    ["--ignore", "/no/such/file"],
    ["--concurrency", "0"],
    ["--concurrency", "many"],
    ["--format", "xml"],
  ])("%s %s", async (...args) => {
    const { code, stdout, stderr } = await bucketworks(["scan", ...args, scanned.spec.path]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

test("an ignore entry for every public grant until the end of days stops the scan before it looks", async () => {
  scanned.ignore('ignore: [{kind: public grant, name: "*", owner: x, reason: y, expires: 9999-12-31}]\n');
  const { code, stdout, stderr } = await scanned.run();
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(
    /ignore\[0\]\.name: leaves out every public grant, got "\*".*\n.*\.expires: must be .* at the latest/,
  );
  scanned.ignore(NOTHING_IGNORED);
});
