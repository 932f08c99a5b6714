import { spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { TestServer } from "./minio.ts";

/** In a mount namespace of its own: the disk is nobody else's, and gone with the process. */
const ALONE = ["unshare", "--mount", "--map-root-user", "sh", "-c"];
const MOUNT = 'mount -t tmpfs -o size=64m tmpfs "$1"';
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
    const file = openSync(this.#ballast, "w");
    try {
      for (;;) writeSync(file, BLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  /** The disk as the server's process sees it. */
  get #ballast(): string {
    return `/proc/${this.server.pid}/root${this.#data}/ballast`;
  }
}
