import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { composeProject } from "../../builders/compose/project.ts";
import type { ComposeService } from "../../builders/compose/service.ts";
import { composePrograms } from "../../cli/compose/files.ts";
import { askedServices } from "../support/compose.ts";
import { PLATFORMS } from "../support/our-files.ts";
import { ROOT } from "../support/toolchain.ts";

const { services } = composeProject(composePrograms(askedServices()), PLATFORMS);
const VENV = "/opt/pipeline/bin";

/** A service whose image is built of `pipelines/`. */
interface Built {
  readonly name: string;
  readonly service: ComposeService;
  readonly dockerfile: string;
}
const built = Object.entries(services).flatMap(([name, service]): Built[] =>
  service.build?.context === "pipelines" ? [{ name, service, dockerfile: service.build.dockerfile }] : [],
);

const textOf = (name: string) => readFileSync(join(ROOT, "pipelines", name), "utf8");
/** A Dockerfile's instructions, a line each. */
const instructions = (dockerfile: string) => textOf(dockerfile).replaceAll("\\\n", " ").split("\n");

/** Whether the ignore file lets a file of the context in: it names those that it does, or a folder of theirs. */
function isLetIn(file: string): boolean {
  const lines = textOf(".dockerignore").split("\n");
  return lines.some((line) => line.startsWith("!") && `${file}/`.startsWith(`${line.slice(1)}/`));
}

/** Where in the context a file of the image comes from, by the Dockerfile's COPY. */
function sourceOf(dockerfile: string, file: string): string | undefined {
  for (const line of instructions(dockerfile)) {
    const [, from = "", to = ""] = /^COPY (\S+) (\/\S+)$/.exec(line) ?? [];
    if (from === "" || !`${file}/`.startsWith(`${to.replace(/\/$/, "")}/`)) continue;
    const below = file.slice(to.replace(/\/$/, "").length + 1);
    return from.endsWith("*.py") ? from.replace("*.py", below) : join(from, below);
  }
  return undefined;
}

/** Packages of ours that the Dockerfile installs, by their folders in the context. */
function packagesOf(dockerfile: string): string[] {
  const own = instructions(dockerfile).find((line) => line.includes("install-packages.sh own"));
  return [...(own ?? "").matchAll(/type=bind,source=(\w+),/g)].map(([, name = ""]) => name);
}

/** Their programs, as `pyproject.toml` has them, with the module that each starts. */
function programsOf(dockerfile: string): Map<string, string> {
  const found = packagesOf(dockerfile).flatMap((name) => {
    const [, section = ""] = /\[project\.scripts\]\n([\s\S]*?)(?:\n\n|$)/.exec(textOf(`${name}/pyproject.toml`)) ?? [];
    return [...section.matchAll(/^(\S+) = "([\w.]+):/gm)].map(
      ([, program = "", module = ""]) => [program, `${name}/src/${module.replaceAll(".", "/")}.py`] as const,
    );
  });
  return new Map(found);
}

/** What a container is started with: Compose's words, else the image's own. */
function words({ service, dockerfile }: Built): string[] {
  const own = instructions(dockerfile).flatMap((line) => {
    const [, text] = /^ENTRYPOINT (\[.*\])$/.exec(line) ?? [];
    return text === undefined ? [] : (JSON.parse(text) as string[]);
  });
  return [...(service.entrypoint ?? own), ...(service.command ?? [])];
}

/** Programs that a shell's lines start by their names alone. */
function startedByName(lines: string): string[] {
  const first = lines.split("\n").map((line) => line.replace(/^exec /, "").split(" ")[0] ?? "");
  return first.filter((word) => /^[a-z][a-z-]+$/.test(word) && word !== "set");
}

describe.each(built)("the image that compose.yaml starts as $name", (each) => {
  const { dockerfile } = each;

  test("holds every file that its command names", () => {
    const files = words(each).filter((word) => word.startsWith("/opt/"));
    const programs = programsOf(dockerfile);
    for (const file of files.filter((word) => word !== `${VENV}/python`)) {
      const source = file.startsWith(`${VENV}/`)
        ? programs.get(file.slice(VENV.length + 1))
        : sourceOf(dockerfile, file);
      expect(source, file).toBeDefined();
      expect([file, existsSync(join(ROOT, "pipelines", source ?? "")), isLetIn(source ?? "")]).toEqual([
        file,
        true,
        true,
      ]);
    }
    for (const name of words(each).flatMap((word) => (word.includes("\n") ? startedByName(word) : [])))
      expect([...programs.keys()], name).toContain(name);
    expect(files.length + programs.size).toBeGreaterThan(0);
  });

  test("holds every source file beside those, and none of the tests", () => {
    const folder = dockerfile.replace("/Dockerfile", "");
    const sources = readdirSync(join(ROOT, "pipelines", folder), { recursive: true, encoding: "utf8" }).filter(
      (name) => name.endsWith(".py") && !name.includes("__pycache__"),
    );
    for (const name of sources) expect([name, isLetIn(`${folder}/${name}`)]).toEqual([name, !/^tests\//.test(name)]);
    expect(sources.length).toBeGreaterThan(0);
  });
});
