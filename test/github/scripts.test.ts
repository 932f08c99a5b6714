import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ROOT } from "../support/cli.ts";
import { FakeGitHub } from "../support/github.ts";
import { freePort } from "../support/minio.ts";

const MARKER = "<!-- bucketworks:comment stage=production -->";
const DRIFT = "<!-- bucketworks:drift stack=production -->";

let github: FakeGitHub;
let folder: string;

beforeEach(async () => {
  github = await FakeGitHub.start();
  folder = mkdtempSync(join(tmpdir(), "bucketworks github "));
  file("event.json", JSON.stringify({ action: "opened", pull_request: { number: 7, title: "$(touch injected)" } }));
});

afterEach(async () => {
  await github.stop();
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

interface Ran {
  readonly code: number;
  readonly out: string;
}

function run(script: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const variables = { ...github.env, GITHUB_EVENT_PATH: join(folder, "event.json"), ...env };
  return new Promise((resolve) => {
    const program = join(ROOT, ".github/scripts", script);
    execFile(process.execPath, [program, ...args], { env: variables }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), out: `${stdout}${stderr}`.trim() });
    });
  });
}

const post = (body: string, env?: Record<string, string>) => run("comment.ts", [file("comment.md", body)], env);

/** Each test starts programs; on a machine with other work that takes its time. */
const BUSY = { timeout: 60_000 };

describe("the comment on a pull request", BUSY, () => {
  test("is made once, edited in place, and left alone when it says so already", async () => {
    github.add("comments", "looks good", "somebody");
    expect(await post(`${MARKER}\none`)).toEqual({ code: 0, out: "comment 101 made" });
    expect(await post(`${MARKER}\ntwo`)).toEqual({ code: 0, out: "comment 101 edited" });
    expect(await post(`${MARKER}\ntwo`)).toEqual({ code: 0, out: "comment 101 says so already" });
    expect(github.comments.map(({ body }) => body)).toEqual(["looks good", `${MARKER}\ntwo`]);
    expect(github.writes).toEqual(["POST /repos/o/r/issues/7/comments", "PATCH /repos/o/r/issues/comments/101"]);
  });

  test("is found behind more than two pages of others", async () => {
    for (let count = 0; count < 230; count += 1) github.add("comments", `chatter ${count}`, "somebody");
    const { id } = github.add("comments", `${MARKER}\nold`);
    expect(await post(`${MARKER}\nnew`)).toEqual({ code: 0, out: `comment ${id} edited` });
    expect(github.reads).toBe(3);
  });

  test("of another stage, and one that somebody else wrote with our marker, stay as they are", async () => {
    const other = `${MARKER.replace("production", "dev")}\nof dev`;
    github.add("comments", other);
    github.add("comments", `${MARKER}\nnot ours`, "somebody");
    github.add("comments", `quoted:\n${MARKER}`);
    expect(await post(`${MARKER}\nours`)).toMatchObject({ code: 0, out: expect.stringContaining("made") });
    expect(github.comments.map(({ body }) => body)).toEqual([
      other,
      `${MARKER}\nnot ours`,
      `quoted:\n${MARKER}`,
      `${MARKER}\nours`,
    ]);
  });

  test("without permission ends with 3 and what the job needs, and shows no token", async () => {
    github.refuseWrites = 403;
    const { code, out } = await post(`${MARKER}\none`);
    expect(code).toBe(3);
    expect(out).toBe(
      "POST /repos/o/r/issues/7/comments answered 403 (Resource not accessible by integration): the token may not do that; the job needs permissions pull-requests: write for comments, issues: write for issues, and a fork's token never has them",
    );
    expect(await post(`${MARKER}\none`, { GITHUB_TOKEN: "wrong-token" })).toMatchObject({
      code: 3,
      out: expect.stringMatching(/^(?!.*wrong-token).*answered 401 \(Bad credentials\): the token isn't valid/),
    });
  });

  test("that is too long, or has no marker, is refused before GitHub is asked", async () => {
    expect(await post(`${MARKER}\n${"x".repeat(65_536)}`)).toMatchObject({
      code: 2,
      out: expect.stringMatching(
        /has 65582 characters, GitHub takes 65536; post what bucketworks comment --out writes/,
      ),
    });
    expect(await post("no marker")).toMatchObject({
      code: 2,
      out: expect.stringContaining("no marker in its first line"),
    });
    expect([github.reads, github.writes]).toEqual([0, []]);
  });

  test("waits out an answer that passes, but never posts twice", async () => {
    github.faults.push(502, 503);
    expect(await post(`${MARKER}\none`)).toMatchObject({ code: 0 });
    github.comments.splice(0);
    github.writes.splice(0);
    github.refuseWrites = 502;
    expect(await post(`${MARKER}\none`)).toMatchObject({ code: 3, out: expect.stringContaining("answered 502") });
    expect(github.writes).toEqual(["POST /repos/o/r/issues/7/comments"]);
  });

  test("outside of a pull request, without a file or without GitHub is one sentence", async () => {
    const push = file("push.json", JSON.stringify({ ref: "refs/heads/main" }));
    expect(await post(MARKER, { GITHUB_EVENT_PATH: push })).toMatchObject({
      code: 2,
      out: expect.stringContaining("of no pull request"),
    });
    expect(await run("comment.ts", [join(folder, "none.md")])).toMatchObject({
      code: 2,
      out: expect.stringContaining("ENOENT"),
    });
    expect(await post(MARKER, { GITHUB_TOKEN: "" })).toMatchObject({
      code: 2,
      out: expect.stringContaining("GITHUB_TOKEN isn't set"),
    });
    const nobody = `http://127.0.0.1:${await freePort()}`;
    expect(await post(MARKER, { GITHUB_API_URL: nobody })).toMatchObject({
      code: 3,
      out: `can't reach ${nobody}: ECONNREFUSED; is GITHUB_API_URL right?`,
    });
  });
});

describe("the issue about drift", BUSY, () => {
  const scanned = (code: number, report = "one finding") =>
    run("drift-issue.ts", ["production", String(code), file("scan.md", report)]);

  test("is opened, updated, closed when there is none, and the same one opened again", async () => {
    github.add("issues", "a bug", "somebody");
    expect(await scanned(1)).toEqual({ code: 0, out: "drift of stack production: issue 101 opened" });
    expect(await scanned(1)).toEqual({ code: 0, out: "drift of stack production: issue 101 says so already" });
    expect(await scanned(1, "two findings")).toEqual({ code: 0, out: "drift of stack production: issue 101 updated" });
    expect(await scanned(0, "")).toEqual({ code: 0, out: "no drift of stack production: issue 101 closed" });
    expect(await scanned(0, "")).toEqual({ code: 0, out: "no drift of stack production, no open issue" });
    expect(github.issues.map(({ state, body }) => [state, body])).toEqual([
      ["open", "a bug"],
      ["closed", `${DRIFT}\ntwo findings`],
    ]);
    expect(await scanned(1)).toEqual({ code: 0, out: "drift of stack production: issue 101 opened again" });
    expect(github.issues).toHaveLength(2);
  });

  test.each([2, 3, 137])(
    "stays as it is when scan ended with %i: nobody could look, and the job fails",
    async (code) => {
      github.add("issues", `${DRIFT}\none finding`);
      expect(await scanned(code)).toEqual({
        code: 3,
        out: `stack production could not be looked at (scan ended with ${code}); its issue stays as it is`,
      });
      expect([github.reads, github.writes, github.issues[0]?.state]).toEqual([0, [], "open"]);
    },
  );

  test("of another stack and pull requests that hold the marker stay as they are", async () => {
    github.add("issues", `${DRIFT.replace("production", "dev")}\nof dev`);
    Object.assign(github.add("issues", `${DRIFT}\nin a pull request`), { pull_request: {} });
    expect(await scanned(0)).toMatchObject({ code: 0, out: "no drift of stack production, no open issue" });
    expect(github.writes).toEqual([]);
  });

  test("takes a report of any length, cut between two lines", async () => {
    expect(await scanned(1, "a line of a report\n".repeat(5_000))).toMatchObject({ code: 0 });
    const [issue] = github.issues;
    expect(issue?.body.length).toBeLessThanOrEqual(65_536);
    expect(issue?.body).toMatch(
      /a line of a report\n\n\*\*The report is cut here; the workflow's artifact has all of it\.\*\*\n$/,
    );
  });
});

describe("the issue about known holes", BUSY, () => {
  test("is opened for a hole and closed without one, and stays where something was not looked at (ML-101)", async () => {
    const report = file("scans.md", "- `GHSA-1` in `tar`");
    expect((await run("scans-issue.ts", ["1", report])).out).toMatch(/^known holes: issue \d+ opened$/);
    expect(await run("scans-issue.ts", ["3", report])).toEqual({
      code: 3,
      out: expect.stringContaining("the issue stays as it is"),
    });
    expect((await run("scans-issue.ts", ["0", report])).out).toMatch(/^no known holes: issue \d+ closed$/);
    expect((await run("scans-issue.ts", [])).code).toBe(2);
  });
});
