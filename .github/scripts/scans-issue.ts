// Keeps one issue about known holes of packages and images: node .github/scripts/scans-issue.ts EXIT_CODE REPORT
// Both are what make scans leaves. 0 closes the issue, 1 opens or updates it; anything else means that something was not
// looked at, and changes nothing.
import { runScript, ScriptError } from "./github.ts";
import { keepIssue } from "./kept-issue.ts";

const USE = "use: node .github/scripts/scans-issue.ts EXIT_CODE REPORT";
const ISSUE = {
  marker: "<!-- bucketworks:scans -->",
  title: "Known holes of packages and images",
  what: "known holes",
} as const;

async function scansIssue([code, report]: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  if (code === undefined || report === undefined) throw new ScriptError(USE, 2);
  if (code !== "0" && code !== "1")
    throw new ScriptError(`not all could be looked at (the scan ended with ${code}); the issue stays as it is`, 3);
  return keepIssue(ISSUE, code === "1" ? report : undefined, env);
}

await runScript(() => scansIssue(process.argv.slice(2), process.env));
