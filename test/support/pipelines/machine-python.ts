import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, realpathSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { copyLibraries, copyProgram } from "../images/program.ts";
import { ROOT } from "../toolchain.ts";

/** Where `make pipelines-packages` installs. */
export const VENV = join(ROOT, ".bucketworks/pipelines/venv");

/** Of the standard library, what no program of ours loads. */
const UNUSED = new Set(["__pycache__", "idlelib", "lib2to3", "test", "tkinter"]);

/** The executable and the standard library of the Python that the environment of the tests is made of. */
export function machinePython(): { program: string; library: string; packages: string } {
  const [program = "", library = "", packages = ""] = askPython(`
import json, subprocess, sys, sysconfig
ask = "import os, pip; print(os.path.dirname(os.path.dirname(pip.__file__)))"
packages = subprocess.run([sys._base_executable, "-c", ask], capture_output=True, text=True).stdout.strip()
print(json.dumps([sys._base_executable, sysconfig.get_path('stdlib'), packages]))`);
  return { program: realpathSync(program), library, packages };
}

/** Puts it where the official image has it; answers its name, for example `python3.11`. */
export function addPython(root: string): string {
  const { program, library } = machinePython();
  const version = basename(library);
  copyProgram(program, root, `/usr/local/bin/${version}`);
  symlinkSync(version, join(root, "usr/local/bin/python3"));
  const unused = (name: string): boolean => UNUSED.has(name) || name === "site-packages" || name.startsWith("config-");
  const filter = (from: string): boolean => !unused(basename(from));
  cpSync(library, join(root, "usr/local/lib", version), { recursive: true, filter });
  copyLibraries(modulesIn(join(library, "lib-dynload")), root);
  return version;
}

/** Shared libraries below a folder. */
export function modulesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => /\.so(\.\d+)*$/.test(name)).map((name) => join(folder, name));
}

/** What a script of the tests' environment prints: a list of texts as JSON. */
export function askPython(script: string, ...args: string[]): string[] {
  return JSON.parse(execFileSync(join(VENV, "bin/python"), ["-c", script, ...args], { encoding: "utf8" })) as string[];
}
