import { expect, test } from "vitest";
import { serveMetrics } from "../../../cli/monitor/metrics-server.ts";

test.each([
  ["127.0.0.1", "127.0.0.1"],
  ["127.0.0.2", "127.0.0.2"],
  ["0.0.0.0", "127.0.0.1"],
])("what is served at %s is asked for at %s, by who keeps the monitor running, too", async (host, asked) => {
  let complaint: string | undefined;
  const served = await serveMetrics(host, 0, { metrics: () => "up 1\n", complaint: () => complaint });
  const get = async (path: string, method = "GET") => {
    const answer = await fetch(`http://${served.at}${path}`, { method });
    return [answer.status, await answer.text()];
  };
  try {
    expect(served.at.split(":")[0]).toBe(asked);
    expect(await get("/metrics")).toEqual([200, "up 1\n"]);
    expect(await get("/health")).toEqual([200, "ok\n"]);
    complaint = "no run has ended for 2000 s";
    expect(await get("/health")).toEqual([503, "no run has ended for 2000 s\n"]);
    expect([(await get("/"))[0], (await get("/metrics", "POST"))[0]]).toEqual([404, 405]);
  } finally {
    served.close();
  }
});
