import { readFileSync } from "node:fs";
import { shellWord } from "./text/shell.ts";

/** What the system said no to, as one sentence for people: place, what is wrong, how to put it right. */

interface SystemError extends Error {
  readonly code: string;
  readonly syscall?: string;
  readonly path?: string;
  readonly dest?: string;
}

const AGAIN = "then run it again";

/** What each code of errno(3) means for a file, and what to do; `at` is the path as a shell takes it. */
const FILES: Readonly<Record<string, (at: string) => string>> = {
  EACCES: (at) => `this user may not use it; make it yours: sudo chown -R "$(id -u)" ${at} && chmod -R u+rwX ${at}`,
  EPERM: (at) => `this user may not change it; make it yours: sudo chown -R "$(id -u)" ${at} && chmod -R u+rwX ${at}`,
  ENOENT: () => `isn't there, or is a link to nothing; put it back or give another path, ${AGAIN}`,
  EISDIR: () => `is a folder where a file must be; move the folder away, ${AGAIN}`,
  ENOTDIR: () => `something on this path is a file where a folder must be; move that file away, ${AGAIN}`,
  EEXIST: () => `something is there already; move it away, ${AGAIN}`,
  ENOTEMPTY: () => `isn't empty; move what it holds away, ${AGAIN}`,
  ELOOP: () => `its symbolic links form a loop; put the file itself there, ${AGAIN}`,
  ENAMETOOLONG: () => "the path is too long for this system; use a shorter one",
  ENOSPC: () => `no space is left on the disk; free some, ${AGAIN}`,
  EDQUOT: () => `this user's disk quota is used up; free some space, ${AGAIN}`,
  EROFS: () => `lies on a disk that is mounted for reading only; mount it for writing or use another folder, ${AGAIN}`,
  EMFILE: () => "too many files are open in this process; allow more: ulimit -n 4096",
  ENFILE: () => `too many files are open on this machine; end what isn't needed, ${AGAIN}`,
  ENOMEM: () => `no memory is left; end what isn't needed, ${AGAIN}`,
  EBUSY: () => `is in use by something else; wait for that to end, ${AGAIN}`,
  EIO: () => `the disk can't read or write it; look at the system's log, ${AGAIN}`,
};

/**
 * The sentence for an error of the system, or for one whose cause is such an error.
 * @param error whatever was thrown; its `path` is absolute or as the caller gave it
 * @param shown the path as people know it, relative to where they are for example
 * @returns undefined where it is no error of the system: a fault of the program
 */
export function systemFault(error: unknown, shown: (path: string) => string = (path) => path): string | undefined {
  const found = systemError(error);
  if (found === undefined) return undefined;
  const { code, syscall = "", path, dest } = found;
  if (syscall.startsWith("spawn")) return spawnFault(code, shown(path ?? syscall.replace(/^spawn ?/, "")));
  if (syscall === "kill") {
    return `a process of this checkout belongs to another user and can't be told to end (${code}); end it as that user, for example: sudo make down`;
  }
  // A rename is about both; what can't be used is the folder of its target more often than the draft beside it.
  const place = path === undefined ? "a file" : shown(dest ?? path);
  const { reason, cure } = fileRefusal(code, path === undefined ? ".bucketworks" : place, syscall);
  return `${place}: ${reason}; ${cure}`;
}

/** What a code of errno(3) says about a file, with that code, and what to do. */
export function fileRefusal(code: string, path: string, syscall = ""): { reason: string; cure: string } {
  const explained = FILES[code]?.(shellWord(path)) ?? `the system refused ${syscall || "it"}; fix that, ${AGAIN}`;
  const [reason = "", ...cure] = explained.split("; ");
  return { reason: `${reason} (${code})`, cure: cure.join("; ") };
}

/**
 * Reads a text file; its error names the file. Node's own doesn't where the path is a folder: that shows only once it is
 * read, and a read has no path.
 */
export function readFileText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw named(error, path);
  }
}

/** The error itself, with the file that it is about: what fails on an open file names none. */
export function named(error: unknown, path: string): unknown {
  if (error instanceof Error && (error as NodeJS.ErrnoException).path === undefined) Object.assign(error, { path });
  return error;
}

function spawnFault(code: string, program: string): string {
  if (code === "ENOENT") return `${program}: there is no such program (${code}); run make toolchain, or install it`;
  if (code === "EACCES") return `${program}: this user may not run it (${code}); chmod u+rx ${shellWord(program)}`;
  return `${program}: can't be started (${code}); ${FILES[code]?.(shellWord(program)) ?? `fix that, ${AGAIN}`}`;
}

/** The error itself, or the first beneath it that the system gave. */
function systemError(error: unknown): SystemError | undefined {
  for (let each = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth++) {
    const { code, syscall } = each as NodeJS.ErrnoException;
    if (typeof code === "string" && /^E[A-Z0-9]+$/.test(code) && typeof syscall === "string") {
      return each as SystemError;
    }
  }
  return undefined;
}
