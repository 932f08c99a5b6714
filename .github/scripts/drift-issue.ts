// Keeps one issue per stack about its drift: node .github/scripts/drift-issue.ts STACK EXIT_CODE REPORT
// EXIT_CODE is that of bucketworks scan, REPORT its Markdown. 0 closes the issue, 1 opens or updates it; anything else
// means that nobody could look, and changes nothing.
import { BODY_LIMIT, fileText, Repository, runScript, ScriptError } from "./github.ts";

const USE = "use: node .github/scripts/drift-issue.ts STACK EXIT_CODE REPORT";

async function driftIssue([stack, code, report]: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  if (stack === undefined || !/^[a-z0-9-]+$/.test(stack) || report === undefined) throw new ScriptError(USE, 2);
  if (code !== "0" && code !== "1") {
    throw new ScriptError(
      `stack ${stack} could not be looked at (scan ended with ${code}); its issue stays as it is`,
      3,
    );
  }
  const marker = `<!-- bucketworks:drift stack=${stack} -->`;
  const repository = new Repository(env);
  const found = await repository.find(`/issues?state=all&creator=${encodeURIComponent(repository.author)}`, marker);
  const isOpen = found?.state === "open";
  const path = `/issues/${found?.number}`;
  if (code === "0") {
    if (!isOpen) return `no drift of stack ${stack}, no open issue`;
    await repository.send("PATCH", path, { state: "closed", state_reason: "completed" });
    return `no drift of stack ${stack}: issue ${found.number} closed`;
  }
  const body = bodyOf(marker, fileText(report));
  if (found === undefined) {
    const { number } = await repository.send("POST", "/issues", { title: `Drift of stack ${stack}`, body });
    return `drift of stack ${stack}: issue ${number} opened`;
  }
  if (isOpen && found.body === body) return `drift of stack ${stack}: issue ${found.number} says so already`;
  await repository.send("PATCH", path, { body, state: "open" });
  return `drift of stack ${stack}: issue ${found.number} ${isOpen ? "updated" : "opened again"}`;
}

/** The report below its marker, cut between two lines where it would be too long. */
function bodyOf(marker: string, report: string): string {
  const whole = `${marker}\n${report}`;
  if (whole.length <= BODY_LIMIT) return whole;
  const end = "\n\n**The report is cut here; the workflow's artifact has all of it.**\n";
  const kept = whole.slice(0, BODY_LIMIT - end.length);
  return `${kept.slice(0, kept.lastIndexOf("\n"))}${end}`;
}

await runScript(() => driftIssue(process.argv.slice(2), process.env));
