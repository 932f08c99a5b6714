import fs, { type PathLike } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";

/** A file as a command used it. */
export interface Use {
  readonly how: "read" | "write";
  readonly path: string;
  /** What it opened or asked for; a folder can't be met by EISDIR. */
  readonly isContent?: boolean;
}

/** One run: the use that the system refuses, and its answer. */
export interface Refusal extends Use {
  readonly code: string;
}

export interface Said {
  readonly exitCode: number;
  /** Both streams. */
  readonly out: string;
}

export interface Question {
  readonly argv: readonly string[];
  /** Absent asks which files the command uses. */
  readonly refusals?: readonly Refusal[];
  /** What a run makes and the next one must not find, from the root of the checkout. */
  readonly made?: string;
  /** Runs as this user instead, who finds whatever it may not use. */
  readonly uid?: number;
}

/** What of a checkout isn't a command's: programs, what they import, and packages. */
const PROGRAMS =
  /\/node_modules\/|\/docs\/[a-z]+-policy\.json$|\.[cm]?[jt]s$|\/\.bucketworks\/toolchain(\/|$)|\/\.git(\/|$)/;

const READS = ["readFileSync", "readdirSync", "statSync", "lstatSync", "realpathSync", "accessSync"] as const;
const WRITES = [
  ...(["writeFileSync", "appendFileSync", "mkdirSync", "mkdtempSync", "chmodSync", "utimesSync"] as const),
  ...(["rmSync", "unlinkSync", "rmdirSync", "copyFileSync", "renameSync", "symlinkSync", "linkSync"] as const),
];
/** Functions that meet a folder where a file must be. */
const CONTENT = new Set(["readFileSync", "writeFileSync", "appendFileSync", "openSync", "copyFileSync"]);
/** Their second argument is what they make. */
const TO = new Set<string>(["copyFileSync", "renameSync", "symlinkSync", "linkSync"]);
const SYSCALLS: Readonly<Record<string, string>> = {
  readFileSync: "open",
  writeFileSync: "open",
  readdirSync: "scandir",
};
const ERRNO: Readonly<Record<string, number>> = {
  ...{ EPERM: 1, ENOENT: 2, EACCES: 13, EISDIR: 21, EMFILE: 24, ENOSPC: 28, EROFS: 30 },
};

let root = "";
let refused: Refusal | undefined;
let inside = false;
const used = new Map<string, Use>();
const open = new Map<number, Use>();

// biome-ignore lint/suspicious/noExplicitAny: any function of node:fs
type Call = (...args: any[]) => unknown;
const calls = fs as unknown as Record<string, Call>;

/** As Node words it: what shows only when an open file is read or written names no path. */
function refusal(code: string, name: string, path: string): Error {
  const late = (code === "EISDIR" && name === "readFileSync") || (code === "ENOSPC" && name === "writeFileSync");
  const syscall = late ? name.replace(/FileSync$/, "") : (SYSCALLS[name] ?? name.replace(/Sync$/, ""));
  const about = late ? {} : { path };
  return Object.assign(new Error(`${code}: refused, ${syscall}`), {
    errno: -Number(ERRNO[code]),
    code,
    syscall,
    ...about,
  });
}

/** Notes a use, and refuses it where it is the one that shall fail. */
function meet(name: string, how: Use["how"], path: string): void {
  const full = resolve(path);
  if (!full.startsWith(root + sep) || PROGRAMS.test(full)) return;
  const key = `${how} ${full.replace(RANDOM, "*")}`;
  const isContent = CONTENT.has(name) || used.get(key)?.isContent === true;
  used.set(key, { how, path: full, isContent });
  if (refused?.code === "EISDIR" && !CONTENT.has(name)) return;
  if (refused?.how === how && matches(refused.path, full)) throw refusal(refused.code, name, path);
}

/** A draft is written beside its file under a name that has a random part. */
function matches(wanted: string, path: string): boolean {
  return wanted.replace(RANDOM, "*") === path.replace(RANDOM, "*");
}
const RANDOM = /(?<=[./-])(?:\d{2,}|[0-9a-z-]{6,}(?=\.json))(?=\.|$)/gi;

function wrap(name: string, how: Use["how"]): void {
  const real = calls[name] as Call;
  calls[name] = (...args) => {
    // Node's functions call one another: what a command called counts.
    if (inside) return real(...args);
    const path = args[TO.has(name) ? 1 : 0] as PathLike | number;
    const options = args.at(-1) as { force?: boolean; recursive?: boolean; throwIfNoEntry?: boolean } | undefined;
    const absent = refused?.code === "ENOENT";
    if (typeof path === "number") refuseOpen(path, name);
    else if (!(absent && (options?.force || (name === "mkdirSync" && options?.recursive)))) {
      try {
        meet(name, how, text(path));
      } catch (error) {
        if (absent && options?.throwIfNoEntry === false) return undefined;
        throw error;
      }
    }
    inside = true;
    try {
      return real(...args);
    } finally {
      inside = false;
    }
  };
}

function text(path: PathLike): string {
  return path instanceof URL ? path.pathname : path.toString();
}

function refuseOpen(file: number, name: string): void {
  const use = open.get(file);
  if (use !== undefined && refused?.code === "ENOSPC" && refused.how === use.how && matches(refused.path, use.path)) {
    throw refusal("ENOSPC", "writeFileSync", name);
  }
}

function wrapOpenFiles(): void {
  const { openSync, closeSync, writeSync, existsSync } = fs;
  calls.openSync = (path: PathLike, flags: string | number = "r", mode?: number) => {
    const how = /^r?$/.test(String(flags)) || flags === 0 ? "read" : "write";
    // A full disk shows when the open file is written.
    if (refused?.code !== "ENOSPC" || how === "read") meet("openSync", how, text(path));
    const file = openSync(path, flags, mode);
    open.set(file, { how, path: resolve(text(path)) });
    return file;
  };
  calls.closeSync = (file: number) => {
    open.delete(file);
    return closeSync(file);
  };
  calls.writeSync = (file: number, ...rest: unknown[]) => {
    refuseOpen(file, "writeSync");
    return (writeSync as Call)(file, ...rest);
  };
  calls.existsSync = (path: PathLike) =>
    existsSync(path) && !(refused?.code === "ENOENT" && matches(refused.path, resolve(text(path))));
}

/** Runs a command line with all that it writes caught. */
async function said(run: (argv: readonly string[]) => Promise<void>, argv: readonly string[]): Promise<Said> {
  let out = "";
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  for (const stream of streams) {
    stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
      out += chunk;
      for (const each of rest) if (typeof each === "function") each();
      return true;
    }) as typeof stream.write;
  }
  process.exitCode = undefined;
  try {
    await run(argv);
  } finally {
    for (const [n, stream] of streams.entries()) if (writes[n] !== undefined) stream.write = writes[n];
  }
  const exitCode = Number(process.exitCode ?? 0);
  process.exitCode = undefined;
  return { exitCode, out };
}

/**
 * `node refusing-files.ts ROOT`, with `{argv, refusals}` on standard input: runs a command of the checkout at ROOT once a
 * refusal, in this process, and answers what each said. Without refusals it runs once, and answers what it used.
 */
if (import.meta.main) {
  root = fs.realpathSync(process.argv[2] ?? "");
  const asked = JSON.parse(fs.readFileSync(0, "utf8")) as Question;
  const { run } = (await import(pathToFileURL(`${root}/cli/run.ts`).href)) as {
    run: (argv: readonly string[]) => Promise<void>;
  };
  const { rmSync } = fs;
  if (asked.uid !== undefined) {
    process.setgroups?.([]);
    process.setgid?.(asked.uid);
    process.setuid?.(asked.uid);
  }
  for (const name of READS) wrap(name, "read");
  for (const name of WRITES) wrap(name, "write");
  wrapOpenFiles();
  syncBuiltinESMExports();
  const answers: Said[] = [];
  for (refused of asked.refusals ?? [undefined]) {
    answers.push(await said(run, asked.argv));
    refused = undefined;
    inside = true;
    if (asked.made !== undefined) rmSync(`${root}/${asked.made}`, { recursive: true, force: true });
    // A process that ends takes its lock along, also where it could not be taken away.
    if (asked.uid === undefined) rmSync(`${root}/.bucketworks/lock`, { force: true });
    inside = false;
  }
  refused = undefined;
  const answer = asked.refusals === undefined ? { said: answers[0], used: [...used.values()] } : answers;
  process.stdout.write(JSON.stringify(answer), () => process.exit());
}
