// Keeps one issue per stack about its drift: node .github/scripts/drift-issue.ts STACK EXIT_CODE REPORT
// EXIT_CODE is that of bucketworks scan, REPORT its Markdown. 0 closes the issue, 1 opens or updates it; anything else
// means that nobody could look, and changes nothing.
import { runScript, ScriptError } from "./github.ts";
import { keepIssue } from "./kept-issue.ts";

const USE = "use: node .github/scripts/drift-issue.ts STACK EXIT_CODE REPORT";

async function driftIssue([stack, code, report]: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  if (stack === undefined || !/^[a-z0-9-]+$/.test(stack) || report === undefined) throw new ScriptError(USE, 2);
  if (code !== "0" && code !== "1") {
    throw new ScriptError(
      `stack ${stack} could not be looked at (scan ended with ${code}); its issue stays as it is`,
      3,
    );
  }
  const issue = {
    marker: `<!-- bucketworks:drift stack=${stack} -->`,
    title: `Drift of stack ${stack}`,
    what: `drift of stack ${stack}`,
  };
  return keepIssue(issue, code === "1" ? report : undefined, env);
}

await runScript(() => driftIssue(process.argv.slice(2), process.env));
