import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as secured } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { bucketworks } from "../support/cli.ts";
import { freePort } from "../support/minio.ts";
import { type KeptModelApi, startKeptModelApi } from "../support/pipelines/kept-model-api.ts";
import { makeCertificate } from "../support/tls.ts";

let real: KeptModelApi;

beforeAll(async () => {
  real = await startKeptModelApi();
}, 120_000);
afterAll(() => real?.stop());

function smoke(url: string, token: string | undefined, ...more: string[]) {
  const args = ["rollout", "smoke", "mlops-model-api", "--url", url, ...more];
  return bucketworks(args, { env: token === undefined ? {} : { MODEL_API_TOKEN: token } });
}

type Said = readonly [status: number, body: object];

/** Answers as a model API that is well, but for these. @returns its port */
async function standIn(
  other: Readonly<Record<string, Said>>,
  serve: (answers: RequestListener) => Server = createServer,
): Promise<number> {
  const well: Readonly<Record<string, Said>> = {
    ready: [200, { ready: true, version: "7" }],
    unknown: [401, {}],
    predict: [200, { version: "7", predictions: [{ masked: "[EMAIL]", entities: [] }] }],
  };
  const kind = ({ url, headers }: IncomingMessage): string => {
    if (url === "/health/ready") return "ready";
    return headers.authorization === undefined ? "unknown" : "predict";
  };
  const server = serve((request, answer) => {
    const [status, body] = other[kind(request)] ?? well[kind(request)] ?? [404, {}];
    answer.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test("the smoke test of a model API that is well ends with 0 and says which version predicts", async () => {
  const ended = await smoke(real.url, real.token, "--model-version", "7");
  expect([ended.code, ended.stdout]).toEqual([0, expect.stringContaining("version 7 is healthy and predicts")]);
});

test("another version, a token that isn't taken and nobody at all end it with 1 and a sentence (ML-053)", async () => {
  const other = await smoke(real.url, real.token, "--model-version", "8");
  const refused = await smoke(real.url, "not.a.token");
  const nobody = await smoke(`http://127.0.0.1:${await freePort()}`, real.token);
  expect([other.code, refused.code, nobody.code]).toEqual([1, 1, 1]);
  expect(other.stderr).toContain("version 7 is loaded, not 8");
  expect(refused.stderr).toContain("/predict answers 401");
  expect(nobody.stderr).toContain("/health/ready: connect ECONNREFUSED");
});

test.each<[string, Readonly<Record<string, Said>>, string]>([
  ["isn't ready", { ready: [503, { registry: "no version has the alias" }] }, "answers 503: no version has the alias"],
  ["is open to everybody", { unknown: [200, {}] }, "answers 200 to who has no token, not 401"],
  [
    "fails to predict",
    { predict: [500, { detail: "the request failed" }] },
    "/predict answers 500: the request failed",
  ],
  [
    "predicts by another version",
    { predict: [200, { version: "6" }] },
    "the prediction is of version 6, and 7 is loaded",
  ],
  [
    "masks nothing",
    { predict: [200, { version: "7", predictions: [{ masked: "ada.king@example.org" }] }] },
    "leaves an e-mail address in the text",
  ],
])("a model API that %s fails it", async (_, other, words) => {
  const ended = await smoke(`http://127.0.0.1:${await standIn(other)}`, "token");
  expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining(words)]);
});

test("one whose certificate no public authority signed is known by --ca-file, and gets no token without it", async () => {
  const certificate = makeCertificate();
  onTestFinished(() => certificate.remove());
  const [cert, key] = ["public.crt", "private.key"].map((name) => readFileSync(join(certificate.folder, name)));
  const url = `https://127.0.0.1:${await standIn({}, (answers) => secured({ cert, key }, answers))}`;
  const known = await smoke(url, "token", "--ca-file", certificate.caFile);
  expect([known.code, known.stdout]).toEqual([0, expect.stringContaining("version 7 is healthy and predicts")]);
  const unknown = await smoke(url, "token");
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("/health/ready: unable to verify")]);
  const nowhere = await smoke(url, "token", "--ca-file", "/nowhere.pem");
  expect([nowhere.code, nowhere.stderr]).toEqual([
    2,
    expect.stringContaining("--ca-file /nowhere.pem can't be read (ENOENT)"),
  ]);
});

test("a token that is missing and a rollout on a laptop are wrong use", async () => {
  const without = await smoke(real.url, undefined);
  const decided = await bucketworks(["rollout", "smoke", "mlops-model-api", "--decide"]);
  expect([without.code, decided.code]).toEqual([2, 2]);
  expect(without.stderr).toContain("MODEL_API_TOKEN is not set");
  expect(decided.stderr).toContain("there is no rollout to decide; leave out --decide");
});
