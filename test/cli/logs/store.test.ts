import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { ask } from "../../../cli/logs/store.ts";

test("a search that a hung store doesn't answer ends, and so does one that somebody interrupts", async () => {
  const hung = createServer((socket) => socket.on("error", () => undefined));
  await new Promise<void>((resolve) => void hung.listen(0, "127.0.0.1", resolve));
  const address = `127.0.0.1:${(hung.address() as AddressInfo).port}`;
  const login = { address, user: "reader", password: "p" };
  const stop = new AbortController();
  const asked = () => ask(login, "/select/logsql/query", { signal: stop.signal }, 50);
  await expect(asked()).rejects.toThrow(`the store of logs at ${address} doesn't answer within 0.05 s`);
  stop.abort(new Error("interrupted"));
  await expect(asked()).rejects.toThrow("interrupted");
  hung.close();
});
