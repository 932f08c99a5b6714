import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { configuration } from "../../provider/configure.ts";

const folder = mkdtempSync(join(tmpdir(), "bucketworks-configure-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string): string {
  writeFileSync(join(folder, name), `local-${name}\n`);
  return join(folder, name);
}
const LOCAL = {
  MINIO_ENDPOINT: "127.0.0.1:9000",
  MINIO_ROOT_USER_FILE: file("user"),
  MINIO_ROOT_PASSWORD_FILE: file("password"),
};
/** As the engine hands a stack's configuration to a provider that no program makes: defaults included, all text. */
const DEFAULTS = { endpoint: "", secure: "true", caFile: "", rootUser: "", rootPassword: "" };
const given = (values: Record<string, unknown>) => configuration({ values, unknowns: new Set() } as never, LOCAL);

test("a stack of stage dev that names no server is asked on the local one, without TLS", () => {
  expect(given({ ...DEFAULTS, stage: "dev" })).toMatchObject({
    state: "complete",
    config: { endpoint: "127.0.0.1:9000", secure: false, accessKey: "local-user", secretKey: "local-password" },
  });
});

test("another stage is never asked on the local server", () => {
  const missing = ["endpoint", "rootUser", "rootPassword"];
  expect(given({ ...DEFAULTS, stage: "production" })).toEqual({ state: "incomplete", missing });
});

test("a server that is named is never asked with the local server's credentials", () => {
  const missing = ["rootUser", "rootPassword"];
  expect(given({ ...DEFAULTS, stage: "dev", endpoint: "m:9000" })).toEqual({ state: "incomplete", missing });
});

test("where nothing listens at the local server, make up is what starts it; of a named one nothing is said", () => {
  const own = { ...LOCAL, MINIO_ROOT_USER_FILE: "/home/ada/bw/.bucketworks/minio/root-user" };
  const wayIn = (endpoint: string) => {
    const values = { ...DEFAULTS, endpoint, rootUser: "u", rootPassword: "p" };
    const read = configuration({ values, unknowns: new Set() } as never, own);
    return read.state === "complete" ? read.config.wayIn : read.state;
  };
  expect(wayIn("127.0.0.1:9000")).toMatch(/make up starts it/);
  expect(wayIn("minio.lan:9000")).toBeUndefined();
});
