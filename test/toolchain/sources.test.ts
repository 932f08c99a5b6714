import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Fault, Unavailable } from "../../toolchain/fault.ts";
import type { SourceMode, Work } from "../../toolchain/pieces/piece.ts";
import { checksumOf, unpackOfficial } from "../../toolchain/sources/download.ts";
import { firstOf } from "../../toolchain/sources/first-of.ts";
import { buildGo } from "../../toolchain/sources/go.ts";
import { findOnPath, namedRelease } from "../../toolchain/sources/on-path.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { run, script } from "./checkout.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A server on loopback; each has a port of its own, so that none inherits another's bad name. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function folders(): { folder: string; scratch: string } {
  const base = temporaryFolder();
  const both = { folder: join(base, "files"), scratch: join(base, "scratch") };
  mkdirSync(both.folder);
  mkdirSync(both.scratch);
  return both;
}

function archive(): Buffer {
  const base = temporaryFolder();
  writeFileSync(join(base, "tool"), "the tool");
  run("tar", ["-czf", "a.tar.gz", "tool"], { cwd: base, env: process.env });
  return Buffer.from(run("base64", [join(base, "a.tar.gz")], { cwd: base, env: process.env }).stdout, "base64");
}

async function download(url: string): Promise<string[]> {
  const { folder, scratch } = folders();
  await unpackOfficial(
    { url: `${url}/a.tar.gz`, checksums: `${url}/sums` },
    folder,
    scratch,
    new AbortController().signal,
  );
  return readdirSync(folder);
}

describe("an official archive", () => {
  it("is unpacked when it has its published checksum", async () => {
    const bytes = archive();
    const sum = createHash("sha256").update(bytes).digest("hex");
    const url = await serve((request, response) =>
      response.end(request.url === "/sums" ? `${sum}  a.tar.gz\n` : bytes),
    );
    expect(await download(url)).toEqual(["tool"]);
  });

  it("is refused, not replaced by something else, when its checksum is another", async () => {
    const sum = "0".repeat(64);
    const url = await serve((request, response) =>
      response.end(request.url === "/sums" ? `${sum}  a.tar.gz\n` : archive()),
    );
    await expect(download(url)).rejects.toThrow(Fault);
    await expect(download(url)).rejects.toThrow(/sha256 is [0-9a-f]{64}, published is 0{64}/);
  });

  it("counts as not available when the list does not name it, or the server does not have it", async () => {
    await expect(download(await serve((_request, response) => response.end("")))).rejects.toThrow(
      /does not list a.tar.gz/,
    );
    const missing = await serve((_request, response) => response.writeHead(404).end());
    await expect(download(missing)).rejects.toThrow(Unavailable);
  });

  it("counts as not available after seconds of silence, and the silent server is not asked twice", async () => {
    let asked = 0;
    const url = await serve(() => {
      asked++;
    });
    await expect(download(url)).rejects.toThrow(/did not answer in 5 s/);
    await expect(download(url)).rejects.toThrow(Unavailable);
    expect(asked).toBe(1);
  });

  it("finds its checksum in lists of sha256sum and of shasum", () => {
    expect(checksumOf(`${"a".repeat(64)}  x.tar.gz\n${"b".repeat(64)} *a.tar.gz\n`, "a.tar.gz")).toEqual({
      algorithm: "sha256",
      hex: "b".repeat(64),
    });
    expect(checksumOf(`${"c".repeat(40)}  ./a.tar.gz`, "a.tar.gz")).toEqual({ algorithm: "sha1", hex: "c".repeat(40) });
    expect(checksumOf(`${"c".repeat(12)}  a.tar.gz`, "a.tar.gz")).toBeUndefined();
  });
});

describe("sources", () => {
  const tried: string[] = [];
  const said: string[] = [];
  const source = (name: string, kind: "official" | "build", error?: Error) => ({
    name,
    kind,
    fill: async () => {
      tried.push(name);
      if (error) throw error;
    },
  });
  const first = (mode: SourceMode, official?: Error) => {
    tried.length = 0;
    said.length = 0;
    const { folder, scratch } = folders();
    const work: Work = { signal: new AbortController().signal, scratch, say: (line) => said.push(line) };
    return firstOf([source("downloaded", "official", official), source("built", "build")], mode, folder, work);
  };

  it("are tried in order: official first, then built, with one line that says why", async () => {
    expect(await first("auto")).toBe("downloaded");
    expect(tried).toEqual(["downloaded"]);
    expect(await first("auto", new Unavailable("no such host"))).toBe("built");
    expect(said).toEqual(["no such host; built"]);
  });

  it("obey BUCKETWORKS_TOOLCHAIN_SOURCE", async () => {
    expect(await first("build")).toBe("built");
    expect(tried).toEqual(["built"]);
    await expect(first("download", new Unavailable("no such host"))).rejects.toThrow(/no such host.*forbids building/);
  });

  it("do not hide a fault behind the next one", async () => {
    await expect(first("auto", new Fault("wrong checksum"))).rejects.toThrow("wrong checksum");
    expect(tried).toEqual(["downloaded"]);
  });
});

describe("a program on PATH", () => {
  it("is found by its real file; scripts and this project's own links are not taken", () => {
    const base = temporaryFolder();
    script(join(base, "wrapped", "mc"), "#!/bin/sh\n");
    script(join(base, ".bucketworks/toolchain/bin", "mc"), "binary");
    script(join(base, "real", "mc"), "binary");
    const path = ["wrapped", ".bucketworks/toolchain/bin", "real"].map((name) => join(base, name)).join(":");
    expect(findOnPath("mc", path)).toBe(join(base, "real", "mc"));
  });

  it("is MinIO's only when it says so: Midnight Commander is called mc too", () => {
    expect(namedRelease("mc version RELEASE.2025-08-13T08-35-41Z (commit-id=7394ce0)")).toEqual({
      release: "RELEASE.2025-08-13T08-35-41Z",
      commit: "7394ce0",
    });
    expect(namedRelease("GNU Midnight Commander 4.8.29")).toBeUndefined();
  });
});

describe("a Go module", () => {
  const module = () => {
    const { folder, scratch } = folders();
    writeFileSync(join(folder, "go.mod"), "module example.org/tiny\n\ngo 1.25.0\n");
    writeFileSync(
      join(folder, "main.go"),
      'package main\n\nvar Version = "none"\n\nfunc main() { println(Version) }\n',
    );
    const build = { folder, target: ".", stamps: { "main.Version": "v1.2.3" }, output: join(scratch, "tiny") };
    return { build, work: { signal: new AbortController().signal, scratch, say: () => {} } };
  };

  it("is built with its version stamped in", async () => {
    const { build, work } = module();
    await buildGo(build, work);
    chmodSync(build.output, 0o755);
    expect(run(build.output, [], { cwd: "/", env: {} }).stderr).toBe("v1.2.3\n");
  });

  it("is not built from anything that go.mod and go.sum do not pin", async () => {
    const { build, work } = module();
    writeFileSync(join(build.folder, "main.go"), 'package main\n\nimport _ "rsc.io/quote"\n\nfunc main() {}\n');
    await expect(buildGo(build, work)).rejects.toThrow(/import lookup disabled by -mod=readonly/);
  });
});
