import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type ClusterPlace, listContainers } from "../../../cli/logs/pods/cluster-api.ts";
import { PodReader } from "../../../cli/logs/pods/pod-reader.ts";
import { sourceOf } from "../../../cli/logs/pods/pod-shipper.ts";
import { eventually } from "../../support/local-checkout.ts";

/** What an API server can do and a real one does at no test's wish: break off, be restarted, refuse. */
let server: Server;
let place: ClusterPlace;
let answers: ((answer: ServerResponse, query: URLSearchParams, path: string) => void)[] = [];
let asked: string[] = [];

beforeAll(async () => {
  server = createServer((request, answer) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://server");
    asked.push(`${pathname.split("/").slice(5).join("/")}?${[...searchParams.keys()].join(",")}`);
    const next = answers.shift();
    if (next === undefined) answer.writeHead(404).end("{}");
    else next(answer, searchParams, pathname);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const tokenFile = join(mkdtempSync(join(tmpdir(), "pods-")), "token");
  writeFileSync(tokenFile, "t\n");
  place = { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, namespace: "n", tokenFile };
});

afterAll(() => server.close());

beforeEach(() => {
  answers = [];
  asked = [];
});

const line = (number: number) => `2026-11-30T10:00:00.${number}Z line ${number}\n`;
const stamp = (number: number) => `2026-11-30T10:00:00.${number}00000000Z`;
const lines = (...numbers: number[]) => numbers.map(line).join("");
const container = { uid: "u", pod: "p", container: "c", labels: {}, restarts: 0, isRunning: true };
const texts = (reader: PodReader) => reader.take(1000).map(({ text }) => text);

test("a stream that breaks off is opened again at its last line, and nothing comes twice", async () => {
  const reader = new PodReader(place);
  const open = () => reader.follow([container], {});
  answers = [
    (answer) => {
      answer.write(lines(1, 2));
      setTimeout(() => answer.destroy(), 50);
    },
    (answer) => void answer.write(lines(1, 2, 3)),
  ];
  await eventually(async () => {
    open();
    return asked.length === 2;
  });
  const got: string[] = [];
  await eventually(async () => got.push(...texts(reader)) > 0 && got.length >= 3);
  expect(got).toEqual(["line 1", "line 2", "line 3"]);
  expect(asked).toEqual(["pods/p/log?container,timestamps,follow", "pods/p/log?container,timestamps,follow,sinceTime"]);
  reader.reset();
});

test("of a container that was started again the end of the one before is read first", async () => {
  const reader = new PodReader(place);
  const before = { at: "2026-11-30T10:00:00.200000000Z", count: 1, restarts: 0 };
  answers = [(answer) => answer.end(lines(1, 2, 3)), (answer) => answer.end(lines(4))];
  reader.follow([{ ...container, restarts: 1, isRunning: false }], { "u/c": before });
  await eventually(async () => asked.length === 2 && reader.waiting >= 12);
  expect(asked[0]).toContain("previous");
  const got = reader.take(1000);
  expect(got.map(({ text }) => text)).toEqual(["line 3", "line 4"]);
  expect(got.at(-1)?.behind).toEqual({ at: "2026-11-30T10:00:00.400000000Z", count: 1, restarts: 1 });
});

test("of a container that was started again before it was seen, as one that ends at once, both ends are read", async () => {
  const reader = new PodReader(place);
  answers = [(answer) => answer.end(lines(1)), (answer) => answer.end(lines(2))];
  reader.follow([{ ...container, restarts: 1, isRunning: false }], {});
  await eventually(async () => asked.length === 2 && reader.waiting >= 12);
  expect(asked).toEqual(["pods/p/log?container,timestamps,previous", "pods/p/log?container,timestamps,follow"]);
  expect(texts(reader)).toEqual(["line 1", "line 2"]);
});

test("a container that waits to be started again shows what the one before it wrote, and it comes once", async () => {
  const reader = new PodReader(place);
  answers = [(answer) => answer.end(lines(1, 2)), (answer) => answer.end(lines(1, 2))];
  reader.follow([{ ...container, restarts: 1, isRunning: false }], {});
  await eventually(async () => asked.length === 2);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(texts(reader)).toEqual(["line 1", "line 2"]);
});

test("a line that is so long that it comes in pieces can't say when its pieces were written", async () => {
  const reader = new PodReader(place);
  const first = `${line(1).trimEnd()} `.padEnd(1024 * 1024 + 1, "x");
  answers = [
    (answer) => {
      answer.write(first);
      setTimeout(() => answer.end(`9999-99-99T99:99:99Z pieces\n${line(2)}`), 200);
    },
  ];
  reader.follow([{ ...container, isRunning: false }], {});
  await eventually(async () => reader.waiting > first.length);
  const got = reader.take(Number.POSITIVE_INFINITY);
  expect(got.map(({ at }) => at)).toEqual([stamp(1), "", stamp(2)]);
  expect(got[1]?.text).toBe("9999-99-99T99:99:99Z pieces");
  expect(got[1]?.behind?.at).toBe(stamp(1));
});

test("a container that has written nothing yet, so that the answer doesn't begin, is no fault", async () => {
  const reader = new PodReader(place);
  const waited = Object.assign(new Error("Headers Timeout Error"), { code: "UND_ERR_HEADERS_TIMEOUT" });
  const fetches = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed", { cause: waited }));
  try {
    await eventually(async () => {
      reader.follow([container], {});
      return fetches.mock.calls.length > 1;
    });
    expect([...reader.faults]).toEqual([]);
  } finally {
    fetches.mockRestore();
  }
});

test("a container that ended and was read to its end isn't asked for again, until it is started again", async () => {
  const reader = new PodReader(place);
  const ended = { ...container, isRunning: false };
  answers = [(answer) => answer.end(lines(1))];
  reader.follow([ended], {});
  await eventually(async () => reader.waiting > 0);
  for (let look = 0; look < 5; look++) {
    reader.follow([ended], {});
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(asked).toHaveLength(1);
  answers = [(answer) => answer.end(lines(1)), (answer) => answer.end(lines(2))];
  await eventually(async () => {
    reader.follow([{ ...ended, restarts: 1 }], {});
    return asked.length === 3;
  });
});

test("lines that the store didn't take come again, in their order", async () => {
  const reader = new PodReader(place);
  answers = [(answer) => void answer.write(lines(1, 2, 3))];
  reader.follow([container], {});
  await eventually(async () => reader.waiting >= 18);
  const some = reader.take(8);
  reader.putBack(some);
  expect(texts(reader)).toEqual(["line 1", "line 2", "line 3"]);
  expect(reader.waiting).toBe(0);
  reader.reset();
});

test("what was wrong with a container goes with it", async () => {
  const reader = new PodReader(place);
  answers = [(answer) => void answer.writeHead(500).end(JSON.stringify({ message: "the node is away" }))];
  reader.follow([container], {});
  await eventually(async () => reader.faults.size === 1);
  reader.follow([], {});
  expect([...reader.faults]).toEqual([]);
});

test("a container that Kubernetes refuses to show is named with what it says; one that is gone isn't", async () => {
  const reader = new PodReader(place);
  const refuse = (status: number, message: string) => (answer: ServerResponse) =>
    void answer.writeHead(status).end(JSON.stringify({ message }));
  answers = [refuse(403, "pods is forbidden")];
  await expect(listContainers(place, new AbortController().signal)).rejects.toThrow("pods is forbidden");
  answers = [refuse(403, "pods is forbidden")];
  reader.follow([container], {});
  await eventually(async () => reader.faults.size === 1);
  expect([...reader.faults]).toEqual([["p/c", "p/c: pods is forbidden"]]);
  answers = [refuse(404, "not found")];
  await eventually(async () => {
    reader.follow([container], {});
    return reader.faults.size === 0;
  });
});

test("a container's service and platform are those of its pod's labels", () => {
  const of = (labels: Record<string, string>) => sourceOf({ ...container, labels }, ["mlops"]);
  expect(of({ "bucketworks.io/service": "mlops-mlflow", "app.kubernetes.io/part-of": "mlops" })).toEqual({
    service: "mlflow",
    platform: "mlops",
  });
  expect(of({ "app.kubernetes.io/name": "minio" })).toEqual({ service: "minio", platform: "" });
  expect(of({ "app.kubernetes.io/part-of": "somebody" })).toEqual({ service: "c", platform: "" });
});
