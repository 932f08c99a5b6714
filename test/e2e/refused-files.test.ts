import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LocalProject } from "../support/local-project.ts";
import { previewEvents } from "../support/preview-events.ts";
import { plainShell } from "../support/project-copy.ts";
import type { Question, Refusal, Said, Use } from "../support/refusing-files.ts";
import { ROOT } from "../support/toolchain.ts";

const READ = ["EACCES", "EPERM", "ENOENT", "EISDIR", "EMFILE"];
const CODES = { read: READ, write: [...READ, "ENOSPC", "EROFS"] };
/** What commands ask of these is which file it is, and nothing of what it holds. */
const IDENTITY = /\/\.bucketworks\/postgres\/data$/;
/** What a full disk is said to be before a deployment; test/e2e/disk-full-state.test.ts has the rest. */
const NO_ROOM = /\.bucketworks: the disk has no room for the state of stack dev.*; free \d+ MB there and run it again/;
/** A wrong path in a command line, so it is wrong use: `config/platforms` and what is in it, and what options name. */
const NAMED = /\/(config\/platforms|\.bucketworks\/(review|import))(\/|$)/;

const REVIEW = ".bucketworks/review";
const COMMENT = [
  ...["comment", "--stage", "dev", "--preview", `${REVIEW}/preview.json`, "--out", `${REVIEW}/comment.md`],
  ...["--before", `${REVIEW}/model.json`, "--after", `${REVIEW}/model.json`, "--artifact", `${REVIEW}/whole.md`],
];

let project: LocalProject;

beforeAll(async () => {
  project = await LocalProject.make();
  project.declare(project.good.replace("{name: scratch,", "{name: scratch, on_delete: purge,"));
  const settings = "config:\n  bucketworks:stage: dev\n  bucketworks:allowPurge: [scratch]\n";
  writeFileSync(join(project.checkout.root, "Pulumi.dev.yaml"), settings);
  for (const _ of ["first", "second"]) expect(project.bucketworks("up")).toMatchObject({ code: 0 });
  const model = project.bucketworks("explain", "--stage", "dev", "--format", "json").out;
  const review = join(project.checkout.root, REVIEW);
  mkdirSync(review);
  writeFileSync(join(review, "model.json"), model);
  writeFileSync(join(review, "preview.json"), previewEvents(JSON.parse(model), JSON.parse(model), { stack: "dev" }));
});
afterAll(() => project?.remove());

/** Runs a command line in a process of its own, once a refusal. */
function ask<T>(question: Question): T {
  const program = join(ROOT, "test/support/refusing-files.ts");
  const { stdout, stderr } = spawnSync("sh", ["-c", `. ./toolchain/env.sh && exec node '${program}' .`], {
    cwd: project.checkout.root,
    env: { ...plainShell(), ...project.ports },
    input: JSON.stringify(question),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  const answer = stdout.split("\n").at(-1) ?? "";
  if (!/^[[{]/.test(answer)) throw new Error(`${question.argv.join(" ")} ended early: ${stdout}${stderr}`);
  return JSON.parse(answer) as T;
}

/** @param every each code in turn for a file, or one a file where a run takes seconds */
function refusalsOf(used: readonly Use[], every: boolean): Refusal[] {
  // A state is copied once: a run that is refused something later has done it, and the next one doesn't write.
  const isCopy = ({ path }: Use): boolean => path.includes("/state-kept/");
  const ordered = [...used.filter(isCopy), ...used.filter((use) => !isCopy(use))];
  return ordered.flatMap((use, n) => {
    const codes = CODES[use.how].filter((code) => code !== "EISDIR" || use.isContent);
    const chosen = every ? codes : [codes.filter((code) => code !== "ENOENT")[n % (codes.length - 1)] ?? "EACCES"];
    return chosen.map((code) => ({ ...use, code }));
  });
}

/** What is wrong with an answer; undefined where it is one sentence with the place, the code and what to do. */
function complaint({ how, path, code }: Refusal, { exitCode, out }: Said): string | undefined {
  const here = `${how} ${path.slice(project.checkout.root.length + 1)} ${code}: exit ${exitCode}, ${out.slice(-300)}`;
  if (/^ +at |illegal operation|fault of its own/m.test(out)) return here;
  // What isn't there may well be none, or made; a path that leads nowhere is wrong use.
  if (code === "ENOENT" || IDENTITY.test(path)) return undefined;
  if (code === "EISDIR" && NAMED.test(path)) return exitCode === 2 ? undefined : here;
  if (code === "ENOSPC" && NO_ROOM.test(out)) return exitCode === 3 ? undefined : here;
  const place = basename(path).replace(/^\d+|\.\d+$/g, "");
  const sentence = out.split("\n").find((line) => line.includes(place) && line.includes(`(${code})`));
  return exitCode === 3 && sentence !== undefined && /; \S/.test(sentence) ? undefined : here;
}

test.each([[["verify", "--no-identities"]], [["scan"]], [["recover"]], [["up"]], [["destroy"]], [["down"]]])(
  "%j by another user, after the files became root's: one sentence with what makes them one's own",
  (argv) => {
    if (process.getuid?.() !== 0) return; // only root can make files that another user may not use
    chmodSync(project.checkout.root, 0o755);
    const { said } = ask<{ said: Said }>({ argv, uid: 65_534 });
    expect(said.out).toMatch(
      /^(?:\w+: )?\S*\.bucketworks[^\n]*: this user may not (use|change) it \(E(ACCES|PERM)\); make it yours: sudo chown -R "\$\(id -u\)" \S+/m,
    );
    expect(said.out).not.toMatch(/^ +at /m);
    expect(said.exitCode).toBe(3);
  },
);

test.each<[argv: readonly string[], every: boolean, made?: string]>([
  [["check"], true],
  [["explain", "--stage", "dev"], true],
  [["diff", "--from", "dev", "--to", "production"], true],
  [["key", "list"], true],
  [["verify", "--no-identities"], true],
  [["scan"], true],
  [["recover"], true],
  [["init", "weather"], true, "config/platforms/weather.yaml"],
  [["import-server", "--out", ".bucketworks/import", "found"], true, ".bucketworks/import"],
  [COMMENT, true],
  [["purge", "scratch", "--yes-delete", "scratch"], true],
  [["key", "show", "--all", ".bucketworks/keys"], true, ".bucketworks/keys"],
  [["preview", "--stack", "dev", "--out", `${REVIEW}/seen.json`], false, `${REVIEW}/seen.json`],
  [["up"], false],
  [["destroy"], false],
  [["down"], true],
])(
  "%j: whatever file the system refuses, in whatever way, is one sentence with its place and cure",
  (argv, every, made) => {
    const question = { argv, ...(made !== undefined && { made }) };
    ask(question);
    // As it is when nothing is left to do: every run after it meets the same files.
    const { said, used } = ask<{ said: Said; used: Use[] }>(question);
    expect(said.exitCode, said.out).toBe(0);
    const refusals = refusalsOf(used, every);
    expect(refusals.length).toBeGreaterThan(0);
    const answers = ask<Said[]>({ ...question, refusals });
    expect(refusals.flatMap((refusal, n) => complaint(refusal, answers[n] as Said) ?? [])).toEqual([]);
  },
);
