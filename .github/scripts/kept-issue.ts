import { BODY_LIMIT, fileText, Repository } from "./github.ts";

/** One issue that says what was found, for as long as it is found. */
export interface KeptIssue {
  /** First line of its body, by which it is found again. */
  readonly marker: string;
  readonly title: string;
  /** As the script's line begins: "drift of stack dev". */
  readonly what: string;
}

/**
 * Opens or updates the issue where something was found, else closes it.
 * @param report a file of Markdown; undefined where nothing was found
 * @returns what was done, in a line
 */
export async function keepIssue(
  { marker, title, what }: KeptIssue,
  report: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const repository = new Repository(env);
  const found = await repository.find(`/issues?state=all&creator=${encodeURIComponent(repository.author)}`, marker);
  const isOpen = found?.state === "open";
  const path = `/issues/${found?.number}`;
  if (report === undefined) {
    if (!isOpen) return `no ${what}, no open issue`;
    await repository.send("PATCH", path, { state: "closed", state_reason: "completed" });
    return `no ${what}: issue ${found.number} closed`;
  }
  const body = bodyOf(marker, fileText(report));
  if (found === undefined) {
    const { number } = await repository.send("POST", "/issues", { title, body });
    return `${what}: issue ${number} opened`;
  }
  if (isOpen && found.body === body) return `${what}: issue ${found.number} says so already`;
  await repository.send("PATCH", path, { body, state: "open" });
  return `${what}: issue ${found.number} ${isOpen ? "updated" : "opened again"}`;
}

/** The report below its marker, cut between two lines where it would be too long. */
function bodyOf(marker: string, report: string): string {
  const whole = `${marker}\n${report}`;
  if (whole.length <= BODY_LIMIT) return whole;
  const end = "\n\n**The report is cut here; the workflow's artifact has all of it.**\n";
  const kept = whole.slice(0, BODY_LIMIT - end.length);
  return `${kept.slice(0, kept.lastIndexOf("\n"))}${end}`;
}
