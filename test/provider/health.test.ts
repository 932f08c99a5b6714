import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { connect } from "../../provider/server/connection.ts";
import { whenTogether } from "../../provider/server/health.ts";

let server: Server | undefined;

afterEach(() => server?.close());

/** What a server says of its health, look by look; the last answer stays. */
async function saying(answers: { live: number; cluster: readonly number[] }) {
  let looks = 0;
  server = createServer(({ url }, response) => {
    const cluster = answers.cluster[Math.min(looks, answers.cluster.length - 1)] ?? 200;
    if (url === "/minio/health/cluster") looks++;
    response.writeHead(url === "/minio/health/live" ? answers.live : cluster).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const key = { accessKey: "user", secretKey: "password" };
  const config = { endpoint: `127.0.0.1:${port}`, secure: false, region: "us-east-1", ...key };
  return { connection: connect(config, new AbortController().signal), looks: () => looks };
}

/** Asks with these failures one after another, then "right"; answers how often it asked and what it said. */
async function asking(answers: Parameters<typeof saying>[0], ...failures: string[]) {
  const { connection, looks } = await saying(answers);
  const said: string[] = [];
  let asked = 0;
  const ask = async (): Promise<string> => {
    const failure = failures[asked++];
    if (failure !== undefined) throw new Error(failure);
    return "right";
  };
  const say = async (line: string): Promise<void> => void said.push(line);
  const passes = (error: unknown): boolean => (error as Error).message === "passes";
  const outcome = await whenTogether(connection, ask, { say, passes }).catch((error: Error) => error.message);
  return { outcome, asked, said, looks: looks() };
}

test("a healthy server is asked at once, and nothing is said", async () => {
  expect(await asking({ live: 200, cluster: [200] })).toEqual({ outcome: "right", asked: 1, said: [], looks: 1 });
});

test("servers that haven't found one another aren't asked before they have, which is said once", async () => {
  expect(await asking({ live: 200, cluster: [503, 503, 200] })).toEqual({
    outcome: "right",
    asked: 1,
    said: [expect.stringMatching(/^waits for the servers behind http:\/\/127.0.0.1:\d+ to find one another$/)],
    looks: 3,
  });
});

test("a server that lives and doesn't answer yet is asked again", async () => {
  expect(await asking({ live: 200, cluster: [200] }, "passes")).toMatchObject({ outcome: "right", asked: 2 });
});

test("what waiting doesn't fix is told at once", async () => {
  expect(await asking({ live: 200, cluster: [200] }, "wrong password")).toMatchObject({
    outcome: "wrong password",
    asked: 1,
    said: [],
  });
});

test("a server that doesn't live, or is no MinIO, isn't waited for", async () => {
  expect(await asking({ live: 503, cluster: [503] }, "passes")).toMatchObject({ outcome: "passes", asked: 1 });
  expect(await asking({ live: 404, cluster: [404] }, "passes")).toMatchObject({ outcome: "passes", asked: 1 });
});
