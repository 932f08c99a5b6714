import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, rmSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { TestServer } from "./minio.ts";

/** In a mount namespace of its own: the disk is nobody else's, and gone with the process. */
const ALONE = ["unshare", "--mount", "--map-root-user", "sh", "-c"];
const mount = (mebibytes: number): string => `mount -t tmpfs -o size=${mebibytes}m tmpfs "$1"`;
const MOUNT = mount(64);
const BLOCK = Buffer.alloc(4096);

/** Why this machine can't give a server a small disk; undefined where it can. */
export function noSmallDisk(): string | undefined {
  const [program = "", ...args] = [...ALONE, MOUNT, "sh", "/tmp"];
  const { status, error } = spawnSync(program, args, { stdio: "ignore" });
  return status === 0 ? undefined : `no mount namespaces here (${error?.message ?? `unshare ended with ${status}`})`;
}

/** A server whose data lies on a disk of 64 MiB that a test fills and frees. */
export class SmallDisk {
  readonly server: TestServer;
  readonly #data: string;

  private constructor(server: TestServer, data: string) {
    this.server = server;
    this.#data = data;
  }

  static async start(): Promise<SmallDisk> {
    let data = "";
    const server = await TestServer.start({}, undefined, (folder) => {
      data = folder;
      return [...ALONE, `${MOUNT} && shift && exec "$@"`, "sh", folder];
    });
    return new SmallDisk(server, data);
  }

  /** As another program on the server's machine would, to the last byte. */
  fill(): void {
    fillUp(this.#ballast);
  }

  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  /** The disk as the server's process sees it. */
  get #ballast(): string {
    return `/proc/${this.server.pid}/root${this.#data}/ballast`;
  }
}

/** A folder that is a small disk of its own, for the programs that are started through it; others see what lay there. */
export class SmallFolder {
  readonly #holder: ChildProcess;
  readonly #folder: string;

  private constructor(holder: ChildProcess, folder: string) {
    this.#holder = holder;
    this.#folder = folder;
  }

  /** @param folder an empty one is mounted over it */
  static async over(folder: string, mebibytes = 64): Promise<SmallFolder> {
    const script = `${mount(mebibytes)} && echo mounted && exec sleep infinity`;
    const [program = "", ...args] = [...ALONE, script, "sh", folder];
    const holder = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    await once(holder.stdout, "data");
    return new SmallFolder(holder, folder);
  }

  /** A command line that runs `words` in the folder `at` and sees the small disk. */
  through(at: string, words: readonly string[]): [string, ...string[]] {
    const place = ["--target", String(this.#holder.pid), "--user", "--mount", "--preserve-credentials"];
    return ["nsenter", ...place, "--", "sh", "-c", 'cd "$0" && exec "$@"', at, ...words];
  }

  /** Where this process finds a file of the small disk. */
  path(...names: string[]): string {
    return join(`/proc/${this.#holder.pid}/root${this.#folder}`, ...names);
  }

  /** To the last byte; again what has become free since. @param spare bytes that stay free */
  fill(spare = 0): void {
    const ballast = this.path("ballast");
    fillUp(ballast);
    truncateSync(ballast, statSync(ballast).size - spare);
  }

  free(): void {
    rmSync(this.path("ballast"), { force: true });
  }

  /** The disk is gone with the last program that was started through it. */
  end(): void {
    this.#holder.kill("SIGKILL");
  }
}

/** Big blocks first: it is full at once. */
function fillUp(path: string): void {
  const file = openSync(path, "a");
  try {
    for (const block of [Buffer.alloc(2 ** 20), BLOCK]) fillWith(file, block);
  } finally {
    closeSync(file);
  }
}

function fillWith(file: number, block: Buffer): void {
  try {
    for (;;) writeSync(file, block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}
