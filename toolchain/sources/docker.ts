import { join } from "node:path";
import { Unavailable } from "../fault.ts";
import type { Work } from "../pieces/piece.ts";
import { run } from "../process.ts";

const ENGINE_MS = 3_000;
const PULL_MS = 90_000;

/**
 * Copies `/usr/bin/NAME` out of an image, without running it. Linux only: the image holds Linux binaries.
 * @throws Unavailable when no engine answers or the image can't be had in a minute and a half
 */
export async function copyFromImage(image: string, name: string, folder: string, work: Work): Promise<void> {
  if (process.platform !== "linux") throw new Unavailable("an image holds Linux binaries only");
  const engine = await run("docker", ["version", "--format", "{{.Server.Version}}"], {
    limitMs: ENGINE_MS,
    signal: work.signal,
  });
  if (engine.code !== 0) throw new Unavailable("no Docker engine answers");
  work.say(`looking into the image ${image}`);
  const created = await run("docker", ["create", image], { limitMs: PULL_MS, signal: work.signal });
  if (created.code !== 0) throw new Unavailable(`the image ${image} can't be had here`);
  const container = created.stdout.trim().split("\n").at(-1) ?? "";
  try {
    const copied = await run("docker", ["cp", `${container}:/usr/bin/${name}`, join(folder, name)], {
      signal: work.signal,
    });
    if (copied.code !== 0) throw new Unavailable(`the image ${image} holds no /usr/bin/${name}`);
  } finally {
    await run("docker", ["rm", container], { limitMs: PULL_MS });
  }
}
