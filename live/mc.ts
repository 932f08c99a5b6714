import { type ExecFileException, execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { temporaryFolder } from "../toolchain/temporary-folder.ts";
import type { ServerAddress } from "./client.ts";
import { answerFault, urlOf } from "./faults.ts";
import { ReadError } from "./read-error.ts";

/** Alias of the server; the last argument of a command but for names. */
export const ALIAS = "scan";

const BASE_SECONDS = 30;
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** One line of `mc --json`. */
export type Line = Readonly<Record<string, unknown>>;

/** Begins the name of the folder that `mc` has for itself. */
const FOLDER = "bucketworks-scan-";

/**
 * MinIO's own client, for the answers of the admin API that are encrypted with the secret of the user that asks. It has
 * endpoint and credentials in its environment, which its user alone can read: not on its command line, and not on the
 * disk, where a killed scan would leave them.
 */
export class McClient {
  readonly #server: ServerAddress;
  readonly #program: string;
  readonly #folder: string;
  readonly #alias: string | undefined;
  readonly #stop = new AbortController();
  /** What still runs would make the folder again. Signals end the program with its exit handlers (cli/signals.ts). */
  readonly #remove = (): void => {
    this.#stop.abort();
    rmSync(this.#folder, { recursive: true, force: true });
  };

  constructor(server: ServerAddress, program: string) {
    this.#server = server;
    this.#program = program;
    // first of all, so that no end finds a folder that nobody takes away
    process.once("exit", this.#remove);
    this.#folder = temporaryFolder(tmpdir(), FOLDER);
    const { caFile } = server;
    this.#alias = aliasVariable(server);
    if (this.#alias === undefined) writeAliasFile(this.#folder, server);
    if (caFile === undefined) return;
    const authorities = join(this.#folder, "certs", "CAs");
    mkdirSync(authorities, { recursive: true, mode: 0o700 });
    copyFileSync(caFile, join(authorities, "authority.pem"));
  }

  /** Ends what is running: the server went away, and `mc` would try for long. */
  stop(): void {
    this.#stop.abort();
  }

  /** Takes the folder away. */
  remove(): void {
    process.off("exit", this.#remove);
    this.#remove();
  }

  /**
   * Every line of a command that reads a list.
   * @param what for messages: the part of the server that is asked for
   * @throws ReadError where any of it failed
   */
  async ask(what: string, args: readonly string[]): Promise<Line[]> {
    const { lines, failed } = await this.#run(what, args, BASE_SECONDS);
    if (failed !== undefined) throw this.#fault(failed, what);
    return lines;
  }

  /**
   * The lines of a command on several names; a name that can't be read has none.
   * @throws ReadError where `mc` can't be run, or has no answer in time
   */
  async askEach(what: string, args: readonly string[], names: readonly string[]): Promise<Line[]> {
    const { lines } = await this.#run(what, [...args, ...names], BASE_SECONDS + names.length);
    return lines;
  }

  async #run(
    what: string,
    args: readonly string[],
    seconds: number,
  ): Promise<{ lines: Line[]; failed: Line | undefined }> {
    if (!existsSync(this.#program)) {
      throw new ReadError(`${what} can't be read without mc: ${this.#program} is missing; run make toolchain`, false);
    }
    const folders = { PATH: process.env.PATH, HOME: this.#folder, MC_CONFIG_DIR: this.#folder };
    const env = { ...folders, ...(this.#alias !== undefined && { [`MC_HOST_${ALIAS}`]: this.#alias }) };
    const limits = { timeout: seconds * 1000, killSignal: "SIGKILL", maxBuffer: MAX_OUTPUT_BYTES } as const;
    const options = { env, ...limits, signal: this.#stop.signal };
    const { stdout, error } = await new Promise<{ stdout: string; error: ExecFileException | null }>((resolve) => {
      execFile(this.#program, ["--json", "--quiet", ...args], options, (error, stdout) => resolve({ stdout, error }));
    });
    if (this.#stop.signal.aborted) throw new ReadError(`${what} can't be read: the server went away`, false);
    if (error?.killed) throw new ReadError(`mc has no answer on ${what} in ${seconds} s`, false);
    const all = stdout.split("\n").flatMap((line) => (line.startsWith("{") ? [parseLine(line)] : []));
    const failed = all.find(({ status }) => status !== "success");
    if (error !== null && failed === undefined) {
      throw new ReadError(`mc can't read ${what}: it ended with ${error.code ?? error.signal}`, false);
    }
    return { lines: all.filter(({ status }) => status === "success"), failed };
  }

  #fault(line: Line, what: string): ReadError {
    const code = codeOf(line);
    if (code !== undefined)
      return answerFault({ status: 403, body: JSON.stringify({ Code: code }) }, this.#server, what);
    return new ReadError(`mc can't read ${what}: ${causeOf(line)?.message ?? "it gives no reason"}`, false);
  }
}

/** `http://KEY:SECRET@host:port`, not encoded, as `mc` reads it; undefined for a key with a colon, which ends there. */
function aliasVariable(server: ServerAddress): string | undefined {
  const { accessKey, secretKey, secure, endpoint } = server;
  if (`${accessKey}${secretKey}`.includes(":")) return undefined;
  return `${secure ? "https" : "http"}://${accessKey}:${secretKey}@${endpoint}`;
}

/** The other place where `mc` looks. */
function writeAliasFile(folder: string, server: ServerAddress): void {
  const { accessKey, secretKey } = server;
  const alias = { url: urlOf(server), accessKey, secretKey, api: "S3v4", path: "auto" };
  const config = JSON.stringify({ version: "10", aliases: { [ALIAS]: alias } });
  writeFileSync(join(folder, "config.json"), config, { mode: 0o600 });
}

/** `mc` leaves control characters in names as they are, which JSON doesn't allow. */
function parseLine(line: string): Line {
  const allowed = line.replaceAll(/\p{Cc}/gu, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return JSON.parse(allowed) as Line;
}

interface Cause {
  readonly message?: string;
  readonly error?: { readonly Code?: string };
}

function causeOf({ error }: Line): Cause | undefined {
  return (error as { cause?: Cause } | undefined)?.cause;
}

function codeOf(line: Line): string | undefined {
  return causeOf(line)?.error?.Code;
}
