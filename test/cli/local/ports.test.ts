import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Checkout, checkoutAt } from "../../../cli/checkout.ts";
import { minio } from "../../../cli/local/minio/service.ts";
import { postgres } from "../../../cli/local/postgres/service.ts";
import type { LocalService } from "../../../cli/local/service/local-service.ts";
import { freePorts, wantedPorts } from "../../../cli/local/service/ports.ts";

let checkout: Checkout;
beforeEach(() => {
  checkout = checkoutAt(mkdtempSync(join(tmpdir(), "bucketworks-ports-")));
  mkdirSync(checkout.minio.folder, { recursive: true });
});
afterEach(() => rmSync(checkout.root, { recursive: true }));

/** Of the MinIO. */
const portsOf = (env: NodeJS.ProcessEnv) => wantedPorts(minio(checkout), env).ports;

test("a setting wins over what was used last, that over the defaults", () => {
  expect(portsOf({})).toEqual({ api: 9000, console: 9001 });
  writeFileSync(checkout.minio.endpoint, "127.0.0.1:9100\n");
  expect(portsOf({})).toEqual({ api: 9100, console: 9001 });
  expect(portsOf({ BUCKETWORKS_PORT: "9200", BUCKETWORKS_CONSOLE_PORT: " 9201 " })).toEqual({
    api: 9200,
    console: 9201,
  });
  // `make up BUCKETWORKS_PORT=` unsets it
  expect(portsOf({ BUCKETWORKS_PORT: "" })).toEqual({ api: 9100, console: 9001 });
});

test.for(["0", "65536", "-1", "9000.5", "s3", "0x50"])("%s is no port", (text) => {
  expect(() => portsOf({ BUCKETWORKS_CONSOLE_PORT: text })).toThrow(
    `BUCKETWORKS_CONSOLE_PORT: must be a port number from 1 to 65535, got "${text}"; for example BUCKETWORKS_CONSOLE_PORT=9001`,
  );
});

test("both can't be the same", () => {
  expect(() => portsOf({ BUCKETWORKS_PORT: "9001" })).toThrow(
    "BUCKETWORKS_PORT and BUCKETWORKS_CONSOLE_PORT: both are 9001; the S3 API and the console need a port each",
  );
});

test("a remembered endpoint that makes no sense is not used", () => {
  writeFileSync(checkout.minio.endpoint, "elsewhere:70000");
  expect(portsOf({}).api).toBe(9000);
});

describe("a port that somebody else listens on", () => {
  let other: Server;
  let port: number;
  beforeEach(async () => {
    other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    port = (other.address() as AddressInfo).port;
  });
  afterEach(() => other.close());

  test.each([
    ["PostgreSQL's", postgres, "sql", (checkout: Checkout) => checkout.postgres],
    ["the S3 API's", minio, "api", (checkout: Checkout) => checkout.minio],
  ] as const)("%s moves on, and says why, where it was only remembered", async (_, make, use, places) => {
    const service: LocalService = make(checkout);
    const { folder, endpoint } = places(checkout);
    mkdirSync(folder, { recursive: true });
    writeFileSync(endpoint, `127.0.0.1:${port}`);
    const { ports, notes } = await freePorts(service, wantedPorts(service, {}), []);
    expect(ports[use]).not.toBe(port);
    const by = `is in use by ${process.execPath} (pid ${process.pid}): ${ports[use]} is taken instead`;
    const note = `port ${port} for ${service.ports[use]?.purpose} (${service.ports[use]?.setting}) ${by}`;
    // other ports may be in use, too: by the server of a checkout on this machine
    expect(notes.filter((line) => line.startsWith(`port ${port} `))).toEqual([note]);
  });

  test("is refused where a setting asks for it, and another one is proposed", async () => {
    const service = postgres(checkout);
    const wanted = wantedPorts(service, { BUCKETWORKS_POSTGRES_PORT: String(port) });
    await expect(freePorts(service, wanted, [])).rejects.toThrow(
      /^port \d+ for PostgreSQL \(BUCKETWORKS_POSTGRES_PORT\) is in use by .*\nchoose other ports, for example: make up BUCKETWORKS_POSTGRES_PORT=\d+$/,
    );
    expect((await freePorts(service, wanted, [port])).ports).toEqual({ sql: port });
  });
});

test("of two services that start at once and want one port, the second gets another, though nobody listens yet", async () => {
  const wants = (name: string): LocalService<"sql"> => {
    const { ports, ...rest } = postgres(checkout);
    return { ...rest, name, title: name, ports: { sql: { ...ports.sql, first: 45_917, step: 100 } } };
  };
  const [one, two] = [wants("one"), wants("two")];
  const both = await Promise.all([one, two].map((each) => freePorts(each, wantedPorts(each, {}), [])));
  expect(both.map(({ ports }) => ports.sql)).toEqual([45_917, 46_017]);
  expect(both[1]?.notes).toEqual([
    expect.stringContaining("is in use by one, which starts now: 46017 is taken instead"),
  ]);
});
