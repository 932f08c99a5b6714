import { copyFileSync, readFileSync } from "node:fs";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import type { CoreV1Api } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { renewedServer } from "../../cli/tls/renewed-server.ts";
import { serviceTrust } from "../../cli/tls/service-trust.ts";
import { trustedFetch } from "../../cli/tls/trusted-fetch.ts";
import { eventually } from "../support/local-checkout.ts";
import { type Certificate, makeCertificate, renewCertificate } from "../support/tls.ts";

const HOST = "logs.mlops.svc.cluster.local";
let certificate: Certificate;
let server: ReturnType<typeof renewedServer>;
let url: string;

beforeAll(async () => {
  certificate = makeCertificate([HOST]);
  const files = {
    certificate: join(certificate.folder, "public.crt"),
    key: join(certificate.folder, "private.key"),
  };
  server = renewedServer(
    (asked, answer) => {
      if (asked.url === "/empty") return void answer.writeHead(204).end();
      if (asked.url === "/away") return void answer.writeHead(302, { location: "https://example.org/" }).end();
      if (asked.url === "/never") return;
      asked.pipe(answer.writeHead(200, { "x-type": asked.headers["content-type"] ?? "none" }));
    },
    files,
    20,
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server?.closeAllConnections();
  server?.close();
  certificate?.remove();
});

const authority = (): string => readFileSync(certificate.caFile, "utf8");
const trusted = (path: string, init: RequestInit = {}, host = HOST) =>
  trustedFetch(url + path, init, { authority: authority(), host });

test("a server is known by its authority and by the host that its certificate names, and by nothing else", async () => {
  expect((await trusted("/", { method: "POST", body: "x" })).status).toBe(200);
  await expect(trusted("/", {}, "other.example")).rejects.toThrow(/altnames/);
  const other = makeCertificate([HOST]);
  const stranger = { authority: readFileSync(other.caFile, "utf8"), host: HOST };
  await expect(trustedFetch(url, {}, stranger)).rejects.toThrow(/unable to verify|self-signed/);
  other.remove();
});

test("what is sent arrives as by fetch: forms, answers without a body, redirects that nobody follows, and an end in time", async () => {
  const form = await trusted("/", { method: "POST", body: new URLSearchParams({ query: "a b" }) });
  expect([form.headers.get("x-type"), await form.text()]).toEqual([
    "application/x-www-form-urlencoded;charset=UTF-8",
    "query=a+b",
  ]);
  expect(await (await trusted("/empty")).text()).toBe("");
  expect((await trusted("/away")).status).toBe(302);
  const late = trusted("/never", { signal: AbortSignal.timeout(50) });
  await expect(late).rejects.toMatchObject({ name: "TimeoutError" });
});

/** Number of the certificate that a new connection is shown. */
const serial = (): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { ca: authority(), servername: HOST, agent: false });
    asked.on("error", reject);
    asked.on("response", (answer) => {
      answer.resume();
      resolve((answer.socket as TLSSocket).getPeerCertificate().serialNumber);
    });
    asked.end();
  });

test("a server goes on with a renewed certificate, and keeps the former one while certificate and key don't fit", async () => {
  const first = await serial();
  const key = join(certificate.folder, "private.key");
  const kept = join(certificate.folder, "kept.key");
  copyFileSync(key, kept);
  renewCertificate(certificate, [HOST]);
  await eventually(async () => (await serial()) !== first, 5000);
  const second = await serial();
  const renewed = join(certificate.folder, "renewed.key");
  copyFileSync(key, renewed);
  copyFileSync(kept, key);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await serial()).toBe(second);
  copyFileSync(renewed, key);
  expect(await serial()).toBe(second);
});

test("a service of a cluster is known by the authority of its Secret, at its own host; one of plain HTTP by nobody's", async () => {
  const asked: string[] = [];
  const api = (data: Record<string, string>) => () =>
    ({
      readNamespacedSecret: ({ name, namespace }: { name: string; namespace: string }) => {
        asked.push(`${namespace}/${name}`);
        return Promise.resolve({ data });
      },
    }) as unknown as CoreV1Api;
  const place = { namespace: "ml", clusterDomain: "cluster.local" };
  const issued = { from: "cert-manager", issuer: "house", issuerKind: "ClusterIssuer" } as const;
  const held = api({ "ca.crt": Buffer.from("PEM").toString("base64") });
  const host = "logs.ml.svc.cluster.local";
  expect(await serviceTrust(held, "logs", { ...place, servicesTls: issued })).toEqual({ authority: "PEM", host });
  const supplied = { ...place, servicesTls: { from: "secret", secret: "own" } as const };
  await expect(serviceTrust(api({}), "logs", supplied)).rejects.toThrow("Secret own has no ca.crt");
  expect(asked).toEqual(["ml/logs-tls", "ml/own"]);
  expect(await serviceTrust(held, "logs", supplied, "given")).toEqual({ authority: "given", host });
  expect(await serviceTrust(held, "logs", { ...place, servicesTls: { from: "none" } })).toBeUndefined();
  expect(asked.length).toBe(2);
});
