import { cpSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { temporaryFolder } from "../../../toolchain/temporary-folder.ts";

/** Bytes of a socket's path that every system takes; the shortest `sun_path` is that of macOS, 104 with its end. */
const SOCKET_PATH = 103;
/** What a shell changes or ends a word at, even inside double quotes. */
const SHELL = /["$`\\\n\r!]/;

/**
 * Where the server's socket lies: in its own folder, or nowhere (empty) where the path would be too long for one, or where
 * a comma in it would make two of it. Programs of ours speak TCP; the socket is for an administrator.
 */
export function socketFolder(folder: string, port: number): string {
  const path = join(folder, `.s.PGSQL.${port}`);
  return Buffer.byteLength(path) > SOCKET_PATH || folder.includes(",") ? "" : folder;
}

/**
 * Runs a program of PostgreSQL from a path that a shell leaves alone: initdb starts `postgres`, which lies beside it, by
 * popen(3), with its path between double quotes. Where the path holds what means something there, all programs are
 * copied to a private folder for as long as `use` takes.
 * @param program its path, in a folder `bin` that has `lib` and `share` beside it
 */
export function withPlainPath<T>(program: string, use: (program: string) => T): T {
  if (!SHELL.test(program)) return use(program);
  const folder = temporaryFolder(SHELL.test(tmpdir()) ? "/tmp" : tmpdir(), "bucketworks-postgres-");
  try {
    cpSync(dirname(dirname(program)), join(folder, "native"), { recursive: true, verbatimSymlinks: true });
    return use(join(folder, "native", "bin", basename(program)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
