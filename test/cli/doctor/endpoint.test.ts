import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, createServer, get, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, LookupFunction, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { judgeClock, lookAtApi, lookAtClock } from "../../../cli/doctor/checks/api.ts";
import { lookAtCertificate } from "../../../cli/doctor/checks/certificate.ts";
import { lookAtName, lookAtPort } from "../../../cli/doctor/checks/endpoint.ts";
import { lookAtProxies, proxyOf } from "../../../cli/doctor/checks/proxies.ts";
import { proxyEnvironment } from "../../../config/values/proxy.ts";
import { contextWith } from "../../support/doctor.ts";
import { freePort } from "../../support/minio.ts";
import { type Certificate, makeCertificate } from "../../support/tls.ts";

const S3 = '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>';
const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function listening(server: Server): Promise<string> {
  open.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answering = (listener: RequestListener) => listening(createServer(listener));
const answer =
  (status: number, body: string, headers = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end(body);

describe("the port", () => {
  test("that nothing listens at is wrong, and its cure names what the settings know", async () => {
    const endpoint = `127.0.0.1:${await freePort()}`;
    const [seen] = await lookAtPort(contextWith({ endpoint, wayIn: "make up starts it" }));
    expect(seen).toEqual({ state: "wrong", seen: `${endpoint}: connection refused`, cure: "make up starts it" });
  });

  test("that something listens at is right", async () => {
    const endpoint = await answering(answer(200, ""));
    expect(await lookAtPort(contextWith({ endpoint }))).toMatchObject([{ state: "right" }]);
  });
});

describe("the name", () => {
  test("that nobody knows is wrong, and says where it comes from", async () => {
    const at = contextWith({ endpoint: "no-such-host.invalid:9000", endpointFrom: "Pulumi.dev.yaml" });
    expect(await lookAtName(at)).toMatchObject([{ state: "wrong", cure: expect.stringContaining("Pulumi.dev.yaml") }]);
  });

  test("localhost is known, and an address needs no look-up", async () => {
    expect(await lookAtName(contextWith({ endpoint: "localhost:9000" }))).toMatchObject([{ state: "right" }]);
    expect(await lookAtName(contextWith({ endpoint: "[::1]:9000" }))).toMatchObject([{ state: "right" }]);
  });
});

describe("what answers", () => {
  test.each<[string, RequestListener, string, RegExp]>([
    ["S3", answer(403, S3), "right", /S3 answers/],
    ["a web page, as of the console", answer(200, "<!doctype html><html></html>"), "wrong", /console \(9001\)/],
    ["nothing of S3", answer(404, "not found"), "wrong", /not as S3 would/],
    ["that it speaks TLS", answer(400, "Client sent an HTTP request to an HTTPS server."), "wrong", /speaks TLS/],
    ["that it is too busy", answer(503, S3), "wrong", /not ready/],
    [
      "S3, and that it isn't alive",
      ({ url }, response) => response.writeHead(url === "/" ? 403 : 503).end(S3),
      "wrong",
      /\/minio\/health\/live says that it isn't ready/,
    ],
  ])("%s", async (_, listener, state, words) => {
    const [seen] = await lookAtApi(contextWith({ endpoint: await answering(listener) }));
    expect(seen).toMatchObject({ state, seen: expect.stringMatching(words) });
    if (state === "wrong") expect(seen?.cure).toBeTruthy();
  });
});

describe("the clock", () => {
  const at = async (date: Date) => {
    const endpoint = await answering(answer(403, S3, { date: date.toUTCString() }));
    return (await lookAtClock(contextWith({ endpoint })))[0];
  };

  test("of a server that is an hour ahead is wrong: signatures are refused", async () => {
    const seen = await at(new Date(Date.now() + 3_600_000));
    expect(seen).toMatchObject({
      state: "wrong",
      seen: expect.stringMatching(/3[56]\d\d s ahead of .*RequestTimeTooSkewed/),
    });
  });

  test("that is two minutes behind is wrong for recover alone", async () => {
    const seen = await at(new Date(Date.now() - 120_000));
    expect(seen).toMatchObject({ state: "wrong", seen: expect.stringMatching(/behind .*recover/) });
  });

  test("of this machine is right, and half a minute is", async () => {
    expect(await at(new Date())).toMatchObject({ state: "right" });
    expect(judgeClock(30_000, 0)).toMatchObject({ state: "right", seen: expect.stringContaining("30 s ahead") });
  });

  test("of a server that gives none isn't known", async () => {
    const endpoint = await answering((_, response) => {
      response.sendDate = false;
      response.end(S3);
    });
    expect(await lookAtClock(contextWith({ endpoint }))).toMatchObject([{ state: "unknown" }]);
  });
});

describe("the certificate", () => {
  let good: Certificate;
  let expired: string;
  beforeAll(() => {
    good = makeCertificate(["minio.example"]);
    expired = mkdtempSync(join(tmpdir(), "expired-"));
    const run = (...args: string[]) => execFileSync("openssl", args, { cwd: expired, stdio: "ignore" });
    const settings =
      "[ca]\ndefault_ca=d\n[d]\ndatabase=db\nnew_certs_dir=.\nserial=serial\ndefault_md=sha256\npolicy=p\n";
    writeFileSync(join(expired, "ca.cnf"), `${settings}[p]\ncommonName=supplied\n`);
    writeFileSync(join(expired, "db"), "");
    writeFileSync(join(expired, "serial"), "01\n");
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "private.key"];
    run("req", ...key, "-subj", "/CN=127.0.0.1", "-out", "request.pem");
    const days = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"];
    const signing = ["-batch", "-config", "ca.cnf", "-selfsign", "-keyfile", "private.key", "-in", "request.pem"];
    run("ca", ...signing, ...days, "-out", "public.crt", "-notext");
  });
  afterAll(() => {
    good.remove();
    rmSync(expired, { recursive: true, force: true });
  });
  const serving = (folder: string) =>
    listening(
      createSecureServer(
        { key: readFileSync(join(folder, "private.key")), cert: readFileSync(join(folder, "public.crt")) },
        answer(403, S3),
      ),
    );

  test("that nobody known signed is wrong, and its cure is caFile", async () => {
    const endpoint = await serving(good.folder);
    const [seen] = await lookAtCertificate(contextWith({ endpoint, secure: true }));
    expect(seen).toMatchObject({ state: "wrong", seen: expect.stringContaining("test authority") });
    expect(seen?.cure).toContain("bucketworks:caFile");
  });

  test("is right with its CA; that it ends within a month is told", async () => {
    const endpoint = await serving(good.folder);
    const seen = await lookAtCertificate(contextWith({ endpoint, secure: true, caFile: good.caFile }));
    expect(seen).toMatchObject([{ state: "note", seen: expect.stringMatching(/test authority signed .* in \d days/) }]);
  });

  test("for another name is wrong, and names those it is for", async () => {
    const endpoint = (await serving(good.folder)).replace("127.0.0.1", "localhost");
    const seen = await lookAtCertificate(contextWith({ endpoint, secure: true, caFile: good.caFile }));
    expect(seen).toMatchObject([
      { state: "wrong", seen: expect.stringMatching(/minio\.example.*, not for localhost/) },
    ]);
  });

  test("that has expired is wrong, with the day", async () => {
    const endpoint = await serving(expired);
    const seen = await lookAtCertificate(contextWith({ endpoint, secure: true }));
    expect(seen[0]).toMatchObject({ state: "wrong", seen: "the certificate ended on 2020-02-01T00:00:00.000Z" });
  });

  test("of a server without TLS: wrong, and the setting is named", async () => {
    const endpoint = await answering(answer(403, S3));
    const [seen] = await lookAtCertificate(contextWith({ endpoint, secure: true }));
    expect(seen).toMatchObject({ state: "wrong", cure: expect.stringContaining("bucketworks:secure to false") });
  });
});

describe("a proxy", () => {
  const server = { endpoint: "minio.example:9000" };
  const looked = (env: Record<string, string>, to = server) => lookAtProxies(contextWith(to, { env }));

  test("that can't be reached is wrong, and its password isn't said", async () => {
    const port = await freePort();
    const [seen] = await looked({ http_proxy: `http://me:hush-hush@127.0.0.1:${port}` });
    expect(seen).toMatchObject({ state: "wrong", seen: expect.stringContaining("ECONNREFUSED") });
    expect(JSON.stringify(seen)).not.toContain("hush-hush");
  });

  test("whose variable is no URL is wrong by its name alone", async () => {
    const [seen] = await looked({ HTTPS_PROXY: "hush-hush@proxy" });
    expect(seen).toMatchObject({ state: "wrong", seen: expect.stringContaining("HTTPS_PROXY is no URL") });
    expect(JSON.stringify(seen)).not.toContain("hush-hush");
  });

  test("is what requests go through, whatever form no_proxy has", async () => {
    let met = 0;
    const proxy = `http://${await answering((_, response) => response.end(String(++met)))}`;
    const pairs = [
      ["example", "minio.example"],
      [".example", "minio.example"],
      ["*.example", "minio.example"],
      ["*.example", "example"],
      [".example", "example"],
      ["ample", "example"],
      ["MINIO.example", "minio.example"],
      ["minio.example:9000", "minio.example"],
      ["minio.example:9001", "minio.example"],
      ["127.0.0.2-127.0.0.9, other", "127.0.0.5"],
      ["127.0.0.0/8", "127.0.0.5"],
    ] as const;
    for (const [list, host] of pairs) {
      const env = { http_proxy: proxy, no_proxy: list };
      const before = met;
      const options = { keepAlive: false, proxyEnv: proxyEnvironment(env) };
      const agent = new Agent(options);
      const lookup: LookupFunction = (_, __, end) => end(new Error("nobody is asked"), []);
      await new Promise<void>((end) => {
        const request = get({ host, port: 9000, agent, lookup }, (response) => response.resume().once("end", end));
        request.once("error", () => end());
      });
      agent.destroy();
      const isNamed = proxyOf(contextWith({ endpoint: `${host}:9000` }, { env })) !== undefined;
      expect([list, host, isNamed]).toEqual([list, host, met > before]);
    }
  });

  test("is none for this machine and for what no_proxy has", async () => {
    const dead = `http://127.0.0.1:${await freePort()}`;
    expect(await looked({ http_proxy: dead }, { endpoint: "127.0.0.1:9000" })).toMatchObject([{ state: "right" }]);
    expect(await looked({ http_proxy: dead, no_proxy: ".example" })).toMatchObject([{ state: "right" }]);
    expect(await looked({ https_proxy: dead })).toMatchObject([{ state: "right" }]);
  });
});
