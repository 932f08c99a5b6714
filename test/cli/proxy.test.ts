import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { firingAlerts } from "../../cli/report/alerts.ts";
import { proxyEnvironment } from "../../config/values/proxy.ts";
import { LiveClient } from "../../live/client.ts";
import { Sender } from "../../live/sender.ts";
import { send, tellAlertmanager } from "../../monitor/send.ts";
import { connect } from "../../provider/server/connection.ts";
import { RecordingProxy } from "../support/recording-proxy.ts";
import { ROOT } from "../support/toolchain.ts";

let proxy: RecordingProxy;

beforeEach(async () => {
  proxy = await RecordingProxy.start();
  for (const name of ["http_proxy", "HTTP_PROXY"]) vi.stubEnv(name, proxy.url);
  for (const name of ["no_proxy", "NO_PROXY"]) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  proxy.stop();
});

/** Asks a server as the provider does, as verify does, and as verify's forged requests do. */
async function askThrice(endpoint: string): Promise<void> {
  const address = { endpoint, secure: false, region: "us-east-1", accessKey: "user", secretKey: "password" };
  const server = connect(address, new AbortController().signal);
  await server.s3Once.send(new ListBucketsCommand({})).catch(() => undefined);
  server.s3.destroy();
  server.s3Once.destroy();
  const client = new LiveClient(address);
  await client.service();
  client.close();
  const sender = new Sender(address, {});
  await sender.send({ method: "PUT", path: "/forged", headers: { "content-length": "0" }, body: Buffer.alloc(0) });
  sender.close();
}

describe("with a proxy in the environment", () => {
  test.each(["127.0.0.1", "localhost"])("a server on %s is asked without it", async (host) => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(String(request.url));
      response.end("<ListAllMyBucketsResult/>");
    });
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    await askThrice(`${host}:${(server.address() as AddressInfo).port}`);
    server.close();
    expect(asked.length).toBe(3);
    expect(proxy.asked).toEqual([]);
  });

  test("a named server is asked through it, by the provider, by verify and its forged requests", async () => {
    await askThrice("store.example.com:9000");
    expect(proxy.asked).toEqual([
      expect.stringMatching(/^GET http:\/\/store\.example\.com:9000\/\S* HTTP/),
      expect.stringMatching(/^GET http:\/\/store\.example\.com:9000\/\S* HTTP/),
      expect.stringMatching(/^PUT http:\/\/store\.example\.com:9000\/forged HTTP/),
    ]);
  });

  test("receivers of alerts and an Alertmanager are told through it, one on this machine without it", async () => {
    vi.stubEnv("https_proxy", proxy.url);
    const alert = {
      name: "N",
      severity: "warning",
      platform: "p",
      summary: "s",
      since: "2026-01-01T00:00:00Z",
    } as const;
    const known = { ...alert, ended: null };
    await send(known, "on-call", { webhook: "http://hook.example/secret" }, undefined);
    // What this proxy answers is no tunnel.
    const slack = send(known, "people", { slack: "https://hooks.chat.example/secret" }, undefined);
    await expect(slack).rejects.toThrow(/^can't be reached \([A-Z_]+\)$/);
    await tellAlertmanager("http://alertmanager.example:9093", [known], new Date());
    expect(await firingAlerts("http://alertmanager.example:9093")).toHaveProperty("reason");
    const heard: string[] = [];
    const own = createServer((request, response) => {
      heard.push(String(request.url));
      response.end();
    });
    await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
    const here = { webhook: `http://127.0.0.1:${(own.address() as AddressInfo).port}/here` };
    await send(known, "own", here, undefined);
    own.close();
    expect(heard).toEqual(["/here"]);
    expect(proxy.asked).toEqual([
      expect.stringMatching(/^POST http:\/\/hook\.example\/secret HTTP/),
      expect.stringMatching(/^CONNECT hooks\.chat\.example:443 HTTP/),
      expect.stringMatching(/^POST http:\/\/alertmanager\.example:9093\/api\/v2\/alerts HTTP/),
      expect.stringMatching(/^GET http:\/\/alertmanager\.example:9093\/api\/v2\/alerts\?\S* HTTP/),
    ]);
  });

  test("hosts that the environment leaves out stay left out, in either spelling", () => {
    const env = { https_proxy: "http://p:1", no_proxy: "a.example", NO_PROXY: "b.example, a.example" };
    const list = "a.example,b.example,127.0.0.1,localhost,::1,[::1]";
    expect(proxyEnvironment(env)).toEqual({ https_proxy: "http://p:1", no_proxy: list, NO_PROXY: list });
    expect(proxyEnvironment({ no_proxy: "a.example" })).toBeUndefined();
  });
});

describe("what starts our programs", () => {
  /** The three variables as a shell has them once it has sourced the file, twice. */
  function sourced(shell: string, given: Record<string, string>): Record<string, string> {
    const script = `set -u; . "$1"; . "$1"; env`;
    const out = execFileSync(shell, ["-c", script, shell, `${ROOT}toolchain/loopback.sh`], {
      env: { PATH: process.env.PATH, ...given },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
    const found = out.split("\n").flatMap((line) => (/^(?:no_|NO_|_bucket)/.test(line) ? [line.split("=", 2)] : []));
    return Object.fromEntries(found);
  }
  const loopback = "127.0.0.1,localhost,::1,[::1]";

  test.each(["sh", "bash"])(
    "leaves loopback out for all programs, and keeps what was left out before (%s)",
    (shell) => {
      expect(sourced(shell, {})).toEqual({ no_proxy: loopback, NO_PROXY: loopback });
      const upper = `corp.example,${loopback}`;
      expect(sourced(shell, { NO_PROXY: "corp.example" })).toEqual({ no_proxy: upper, NO_PROXY: upper });
      const both = `low.example,up.example,${loopback}`;
      const grpc = "g.example,127.0.0.1,localhost,::1";
      expect(sourced(shell, { no_proxy: "low.example", NO_PROXY: "up.example", no_grpc_proxy: "g.example" })).toEqual({
        no_proxy: both,
        NO_PROXY: both,
        no_grpc_proxy: grpc,
      });
    },
  );
});
