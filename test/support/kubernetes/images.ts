import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, createReadStream, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { withLock } from "../../../toolchain/cache/cache-lock.ts";
import { BUSYBOX_IMAGE, COREDNS_IMAGE, INSIDE, PAUSE_IMAGE } from "./layout.ts";
import { insideNode } from "./node.ts";
import type { Parts } from "./parts.ts";
import type { Place } from "./place.ts";

const run = promisify(execFile);

/** What a container of an image runs, in the words of the OCI image configuration. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
}

/**
 * Makes an image of one layer out of a root folder, as an archive that `docker load` and containerd take. Files belong
 * to root in it, no matter who owns them outside.
 * @param name with its tag, e.g. `localhost/busybox:test`
 */
export async function makeImage(root: string, name: string, config: ImageConfig, archive: string): Promise<void> {
  // Beside the archive: what an interrupted start leaves goes with the place's state.
  const scratch = `${archive}.scratch`;
  mkdirSync(scratch, { recursive: true });
  try {
    const tar = (folder: string, file: string, ...what: string[]) =>
      run("tar", ["--owner=0", "--group=0", "--numeric-owner", "-C", folder, "-cf", file, ...what]);
    await tar(root, join(scratch, "layer.tar"), ".");
    const hash = createHash("sha256");
    await pipeline(createReadStream(join(scratch, "layer.tar")), hash);
    const image = {
      architecture: process.arch === "x64" ? "amd64" : process.arch,
      os: "linux",
      config,
      rootfs: { type: "layers", diff_ids: [`sha256:${hash.digest("hex")}`] },
    };
    writeFileSync(join(scratch, "config.json"), JSON.stringify(image));
    const manifest = [{ Config: "config.json", RepoTags: [name], Layers: ["layer.tar"] }];
    writeFileSync(join(scratch, "manifest.json"), JSON.stringify(manifest));
    await tar(scratch, archive, "manifest.json", "config.json", "layer.tar");
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Where the archives of a place lie on the host; the node finds them by name. */
export function archiveAt(place: Place, name: string): string {
  return join(place.state, "images", name);
}

/** The file that an image is kept in on its way. */
export function archiveName(image: string): string {
  return `${image.replaceAll(/[^a-zA-Z0-9.-]/g, "-")}.tar`;
}

/** Puts an image into the cluster of a place by `load`, unless this test run did so before; its workers wait for it. */
export async function onceInRun(place: Place, image: string, load: () => Promise<void>): Promise<void> {
  const done = `${archiveAt(place, archiveName(image))}.run-${process.env.BUCKETWORKS_TEST_RUN ?? process.pid}`;
  const waiting = () => undefined;
  await withLock(`${place.lock}-images`, { signal: new AbortController().signal, waiting }, async () => {
    if (existsSync(done)) return;
    await load();
    writeFileSync(done, "");
  });
}

/** Puts an archive's images into the node whose first process is `node`, and removes the archive. */
export async function importImage(place: Place, node: number, name: string): Promise<void> {
  await run(...insideNode(node, [...CTR, "images", "import", `${INSIDE.state}/images/${name}`]));
  rmSync(archiveAt(place, name));
}

const CTR = ["ctr", "--namespace=k8s.io"];

/** Whether containerd answers. */
export async function takesImages(node: number): Promise<boolean> {
  return run(...insideNode(node, [...CTR, "images", "list", "--quiet"])).then(
    () => true,
    () => false,
  );
}

const TOOLS = [
  "sh",
  "cat",
  "echo",
  "ls",
  "id",
  "mkdir",
  "rm",
  "sleep",
  "sync",
  "tail",
  "wget",
  "nc",
  "nslookup",
  "httpd",
];

/** Writes the archives of the images that every node needs; answers their names, the urgent one first. */
export async function nodeImages(place: Place, parts: Parts): Promise<string[]> {
  const at = (name: string) => archiveAt(place, name);
  const root = at("root");
  try {
    const bin = join(root, "busybox", "bin");
    mkdirSync(bin, { recursive: true });
    mkdirSync(join(root, "busybox", "tmp"), { mode: 0o1777 });
    copyFileSync(join(parts.packages, "bin", "busybox"), join(bin, "busybox"));
    for (const tool of TOOLS) symlinkSync("busybox", join(bin, tool));
    const idle = ["/bin/tail", "-f", "/dev/null"];
    const env = ["PATH=/bin"];
    await makeImage(
      join(root, "busybox"),
      PAUSE_IMAGE,
      { Entrypoint: idle, Env: env, User: "65535:65535" },
      at("pause.tar"),
    );
    await makeImage(join(root, "busybox"), BUSYBOX_IMAGE, { Cmd: ["/bin/sh"], Env: env }, at("busybox.tar"));
    mkdirSync(join(root, "coredns"));
    copyFileSync(join(parts.coredns, "coredns"), join(root, "coredns", "coredns"));
    await makeImage(join(root, "coredns"), COREDNS_IMAGE, { Entrypoint: ["/coredns"] }, at("coredns.tar"));
    return ["pause.tar", "coredns.tar", "busybox.tar"];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
