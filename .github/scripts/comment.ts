// Puts the text of a file on the pull request of the workflow's event: node .github/scripts/comment.ts FILE
// The file's first line is the marker by which the next run finds the comment and edits it in place.
import { BODY_LIMIT, fileText, Repository, runScript, ScriptError } from "./github.ts";

const MARKER = /^<!-- bucketworks:comment stage=[a-z0-9-]+ -->$/;

async function comment([file]: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  if (file === undefined) throw new ScriptError("name the file: node .github/scripts/comment.ts FILE", 2);
  const body = fileText(file);
  const [marker = ""] = body.split("\n", 1);
  if (!MARKER.test(marker)) {
    throw new ScriptError(`${file} has no marker in its first line; bucketworks comment writes one`, 2);
  }
  if (body.length > BODY_LIMIT) {
    const length = `${file} has ${body.length} characters, GitHub takes ${BODY_LIMIT}`;
    throw new ScriptError(`${length}; post what bucketworks comment --out writes, not --artifact`, 2);
  }
  const repository = new Repository(env);
  const path = `/issues/${pullRequest(env)}/comments`;
  const found = await repository.find(path, marker);
  if (found === undefined) {
    const { id } = await repository.send("POST", path, { body });
    return `comment ${id} made`;
  }
  if (found.body === body) return `comment ${found.id} says so already`;
  await repository.send("PATCH", `/issues/comments/${found.id}`, { body });
  return `comment ${found.id} edited`;
}

/** The number stands in the event's payload; nothing else of the payload is used. */
function pullRequest(env: NodeJS.ProcessEnv): number {
  const path = env.GITHUB_EVENT_PATH;
  if (!path) throw new ScriptError("GITHUB_EVENT_PATH isn't set; GitHub sets it in workflows", 2);
  const { pull_request } = JSON.parse(fileText(path)) as { pull_request?: { number?: unknown } };
  const number = pull_request?.number;
  if (typeof number === "number" && Number.isInteger(number)) return number;
  throw new ScriptError(`${path} is of no pull request; run this on the event pull_request`, 2);
}

await runScript(() => comment(process.argv.slice(2), process.env));
