import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { bootstrap, fakeCheckout, run, script } from "./checkout.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** `make toolchain` of a fake checkout that looks for official parts at `url`. */
async function make(
  checkout: ReturnType<typeof fakeCheckout>,
  url: string,
): Promise<{ code: number | null; stderr: string }> {
  const env = {
    ...checkout.env,
    BUCKETWORKS_TOOLCHAIN_SOURCE: "auto",
    BUCKETWORKS_PULUMI_URL: url,
    BUCKETWORKS_SILO_URL: url,
  };
  const child = spawn("sh", ["toolchain/bootstrap.sh"], { cwd: checkout.root, env });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stderr })));
}

/** The stand-in CLI that a fake checkout builds. */
function fakeCli(): string {
  const built = fakeCheckout();
  expect(bootstrap(built).code).toBe(0);
  return readFileSync(join(built.root, ".bucketworks/toolchain/lib/pulumi"), "utf8");
}

/** An archive laid out as the official one. */
function archive(): Buffer {
  const base = temporaryFolder();
  mkdirSync(join(base, "pulumi"));
  script(join(base, "pulumi/pulumi"), fakeCli());
  script(join(base, "pulumi/pulumi-language-nodejs"), "#!/bin/sh\n# official\n");
  run("tar", ["-czf", join(base, "a.tar.gz"), "-C", base, "pulumi"], { cwd: base, env: process.env });
  return readFileSync(join(base, "a.tar.gz"));
}

const NAME = `pulumi-v3.258.0-${process.platform}-${process.arch}.tar.gz`;

function official(bytes: Buffer, sum: string): RequestListener {
  return (request, response) => {
    if (request.url === `/releases/sdk/${NAME}`) response.end(bytes);
    else if (request.url === "/releases/sdk/pulumi-3.258.0-checksums.txt") response.end(`${sum}  ${NAME}\n`);
    else response.writeHead(404).end();
  };
}

describe("make toolchain where official parts can be downloaded", () => {
  it("uses the official CLI with its own language host, and builds only what is not there", async () => {
    const bytes = archive();
    const checkout = fakeCheckout();
    const url = await serve(official(bytes, createHash("sha256").update(bytes).digest("hex")));
    const { code, stderr } = await make(checkout, url);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^toolchain: pulumi: done in [\d.]+ s \(downloaded\)$/m);
    expect(stderr).not.toContain("language-host");
    expect(checkout.notes().sort()).toEqual(["build mc", "build minio", "build pulumi-resource-minio"]);
    const cli = dirname(realpathSync(join(checkout.root, ".bucketworks/toolchain/lib/pulumi")));
    expect(readFileSync(join(cli, "pulumi-language-nodejs"), "utf8")).toContain("official");
    expect(await make(checkout, url)).toEqual({ code: 0, stderr: "" });
  });

  it("goes on to build when the server hangs, with one line that says why", async () => {
    const checkout = fakeCheckout();
    const { code, stderr } = await make(checkout, await serve(() => {}));
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/pulumi: none on PATH; http:\S+ did not answer in 5 s; built from its Go module/);
    expect(checkout.notes()).toContain("build pulumi");
  });

  it("stops at a wrong checksum and leaves nothing behind", async () => {
    const checkout = fakeCheckout();
    const { code, stderr } = await make(checkout, await serve(official(Buffer.from("something else"), "0".repeat(64))));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /sha256 is [0-9a-f]{64}, published is 0{64}; something between here and there changes downloads/,
    );
    const cache = readdirSync(join(checkout.env.XDG_CACHE_HOME ?? "", "bucketworks/toolchain"));
    expect(cache.filter((name) => /^pulumi-v|\.tmp-|\.lock/.test(name))).toEqual([]);
  });

  it("takes what is on PATH already: the pinned CLI with its host; but no MinIO that is open, and says to what", async () => {
    const checkout = fakeCheckout();
    const bin = checkout.env.PATH ?? "";
    // no script to the eye, but run by sh when the kernel does not know it: stands in for a binary
    const binary = (name: string, text: string) => script(join(bin, name), `: binary\n${text}`);
    binary("minio", "echo 'minio version RELEASE.2025-09-07T16-13-09Z (commit-id=0)'\n");
    binary("mc", "echo 'mc version RELEASE.2024-01-01T00-00-00Z (commit-id=0)'\n");
    binary("pulumi", fakeCli());
    binary("pulumi-language-nodejs", "");
    const { stderr } = await make(checkout, await serve((_request, response) => response.writeHead(404).end()));
    expect(stderr).toMatch(/pulumi: done in [\d.]+ s \(found on PATH\)/);
    expect(stderr).toMatch(
      /minio: not taken: \S.*minio is RELEASE.2025-09-07T16-13-09Z, which may be open to CVE-2026-41145, .*; built from/,
    );
    expect(stderr).toMatch(
      /mc: the one on PATH is RELEASE.2024-01-01T00-00-00Z, older than RELEASE.2025-03-13T08-02-18Z/,
    );
  });

  it("takes Silo's release as the server, by its pinned checksum alone", async () => {
    const base = temporaryFolder();
    script(join(base, "silo"), ": binary\necho 'silo version RELEASE.2026-09-16T00-00-00Z (commit-id=0)'\n");
    run("tar", ["-czf", join(base, "a.tar.gz"), "-C", base, "silo"], { cwd: base, env: process.env });
    const bytes = readFileSync(join(base, "a.tar.gz"));
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(request.url ?? "");
      if (request.url?.endsWith(".tar.gz") && request.url.includes("silo")) response.end(bytes);
      else response.writeHead(404).end();
    });
    const tampered = fakeCheckout();
    const refused = await make(tampered, url);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/sha256 is [0-9a-f]{64}, pinned is [0-9a-f]{64}/);
    expect(asked.join("\n")).toMatch(
      /^\/RELEASE\.2026-09-16T00-00-00Z\/silo_20260916000000\.0\.0_[a-z]+_[a-z0-9]+\.tar\.gz$/m,
    );

    const checkout = fakeCheckout();
    const file = join(checkout.root, "toolchain/pins.json");
    const pins = JSON.parse(readFileSync(file, "utf8"));
    const sum = createHash("sha256").update(bytes).digest("hex");
    for (const machine of Object.keys(pins.silo.sha256)) pins.silo.sha256[machine] = sum;
    writeFileSync(file, JSON.stringify(pins));
    const { code, stderr } = await make(checkout, url);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/minio: done in [\d.]+ s \(downloaded: Silo\)/);
    expect(checkout.notes()).not.toContain("build minio");
    const server = readFileSync(realpathSync(join(checkout.root, ".bucketworks/toolchain/bin/minio")), "utf8");
    expect(server).toContain("silo version");
  });

  it("takes a Silo on PATH that is young enough", async () => {
    const checkout = fakeCheckout();
    script(
      join(checkout.env.PATH ?? "", "silo"),
      ": binary\necho 'silo version RELEASE.2026-09-16T00-00-00Z (commit-id=0)'\n",
    );
    const { stderr } = await make(checkout, await serve((_request, response) => response.writeHead(404).end()));
    expect(stderr).toMatch(/minio: done in [\d.]+ s \(found on PATH\)/);
  });
});
