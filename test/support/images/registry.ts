import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../minio.ts";
import { registryPackages } from "./packages.ts";

const READY_MS = 30_000;

/** A registry of images on loopback, empty at first. */
export interface Registry {
  /** `127.0.0.1:PORT`, which Docker takes without TLS. */
  readonly host: string;
  stop(): Promise<void>;
}

/** @throws Error when it doesn't answer in time */
export async function startRegistry(): Promise<Registry> {
  const packages = await registryPackages();
  const host = `127.0.0.1:${await freePort()}`;
  const folder = mkdtempSync(join(tmpdir(), "bucketworks-registry-"));
  const settings = join(folder, "settings.yaml");
  const storage = { filesystem: { rootdirectory: join(folder, "data") } };
  writeFileSync(settings, JSON.stringify({ version: 0.1, log: { level: "warn" }, storage, http: { addr: host } }));
  const program = spawn(join(packages, "usr/bin/docker-registry"), ["serve", settings], {
    env: { PATH: process.env.PATH },
    stdio: "ignore",
  });
  const ended = once(program, "exit");
  const stop = async () => {
    program.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + READY_MS;
  for (;;) {
    const answers = await fetch(`http://${host}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) return { host, stop };
    if (program.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`the registry on ${host} doesn't answer`);
    }
    await sleep(100);
  }
}
