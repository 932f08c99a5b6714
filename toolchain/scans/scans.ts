// Asks what is known of holes in what we use: node toolchain/scans/scans.ts [--out FILE] SUBJECT...
// SUBJECT is python:PINS (requirements.txt with hashes), npm:FOLDER, go:FOLDER or image:NAME. Prints Markdown.
// Exit codes: 0 none is known, 1 one is, 2 wrong use, 3 something was not looked at. What was judged already stands in accepted.json.
import { spawn } from "node:child_process";
import { accessSync, appendFileSync, constants, existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { govulncheck, grype, npmAudit, pipAudit, type Reader, type Said, trivy } from "./answers.ts";
import { type Accepted, judge, type Outcome } from "./outcome.ts";

const PIP_AUDIT = "pip-audit@2.10.1";
const GOVULNCHECK = "golang.org/x/vuln/cmd/govulncheck@v1.9.0";
const USE = "use: node toolchain/scans/scans.ts [--out FILE] python:PINS|npm:FOLDER|go:FOLDER|image:NAME ...";
const ACCEPTED = join(import.meta.dirname, "accepted.json");

interface Scanner {
  readonly command: readonly string[];
  readonly folder?: string;
  readonly read: Reader;
}

function scannerOf(kind: string, of: string): Scanner | string | undefined {
  if (kind === "python") {
    const options = ["--format", "json", "--progress-spinner", "off", "--disable-pip", "--require-hashes"];
    return { command: ["uv", "tool", "run", "--quiet", PIP_AUDIT, ...options, "--requirement", of], read: pipAudit };
  }
  if (kind === "npm") return { command: ["npm", "audit", "--json", "--package-lock-only"], folder: of, read: npmAudit };
  if (kind === "go") {
    const options = ["-format", "json", "-scan", "package"];
    return { command: ["go", "run", GOVULNCHECK, ...options, ...programsIn(of)], folder: of, read: govulncheck };
  }
  if (kind !== "image") return undefined;
  if (of === "") return "no image is named; IMAGES names them";
  if (isOnPath("trivy")) {
    const options = ["--quiet", "--format", "json", "--ignore-unfixed", "--severity", "HIGH,CRITICAL"];
    return { command: ["trivy", "image", ...options, of], read: trivy };
  }
  if (isOnPath("grype")) return { command: ["grype", of, "--quiet", "--only-fixed", "--output", "json"], read: grype };
  return "no scanner of images is here; put trivy or grype on PATH";
}

/** What a module builds: most only pin a program of others, which govulncheck has to be told of, as it finds no package by itself. */
function programsIn(folder: string): string[] {
  const file = join(folder, "tools.go");
  if (!existsSync(file)) return ["."];
  return [...readFileSync(file, "utf8").matchAll(/_ "([^"]+)"/g)].map(([, name = ""]) => name);
}

function isOnPath(name: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs a program to its end; one that can't be started has said so. */
function said([file = "", ...args]: readonly string[], cwd: string | undefined): Promise<Said> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (part) => {
      stdout += part;
    });
    child.stderr.setEncoding("utf8").on("data", (part) => {
      stderr += part;
    });
    child.on("error", ({ message }) => resolve({ code: 127, stdout: "", stderr: `${file}: ${message}` }));
    child.on("close", (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

async function look(subject: string): Promise<Outcome | undefined> {
  const at = subject.indexOf(":");
  const scanner = scannerOf(subject.slice(0, at), subject.slice(at + 1));
  if (scanner === undefined) return undefined;
  if (typeof scanner === "string") return { subject, reason: scanner, absent: true };
  return scanner.read(subject, await said(scanner.command, scanner.folder));
}

async function scans(args: readonly string[]): Promise<number> {
  const [out, subjects] = args[0] === "--out" ? [args[1], args.slice(2)] : [undefined, args];
  const outcomes: Outcome[] = [];
  // One after the other: each uses all processors or asks the same service.
  for (const subject of subjects) {
    const outcome = await look(subject);
    if (outcome === undefined) {
      console.error(`scans: ${JSON.stringify(subject)} is no subject; ${USE}`);
      return 2;
    }
    outcomes.push(outcome);
  }
  if (outcomes.length === 0) {
    console.error(USE);
    return 2;
  }
  const accepted = JSON.parse(readFileSync(ACCEPTED, "utf8")) as readonly Accepted[];
  const { code, markdown } = judge(outcomes, accepted, new Date().toISOString().slice(0, 10));
  process.stdout.write(markdown);
  if (out !== undefined) writeFileSync(out, markdown);
  tellSteps(outcomes);
  return code;
}

/** What `.ci/steps.sh` repeats at its end. */
function tellSteps(outcomes: readonly Outcome[]): void {
  const file = process.env.NOT_DONE;
  if (file === undefined || file === "") return;
  for (const each of outcomes) if ("reason" in each) appendFileSync(file, `${each.subject}: ${each.reason}\n`);
}

process.exitCode = await scans(process.argv.slice(2));
