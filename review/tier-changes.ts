import type { Change } from "./change.ts";
import { type Markdown, md } from "./markdown.ts";
import { destroys, type Preview, type Step } from "./read-preview.ts";

/** Tiers are of the stack and in no spec: what the preview does with them is all that is known of a change. */
export function tierChanges({ steps }: Preview): Change[] {
  return steps
    .filter(({ type }) => type === "Tier")
    .map((step) => ({
      risk: destroys(step.op) ? "tier" : "rest",
      subject: { kind: "tier", names: [step.name], platform: "" },
      text: fate(step),
      settings: [],
    }));
}

function fate({ op, diffs }: Step): Markdown {
  if (op === "create" || op === "import")
    return md`added: rules that name it move objects to another store, from which they are read from then on`;
  if (op === "delete")
    return md`taken out: it stays on the server with its key, unless the last update was given both ${"onDelete: delete_if_empty"} and ${"bucketworks:allowTierRemoval"}; then it is removed while its place holds nothing`;
  if (destroys(op)) return md`would be deleted and made again: the update is refused`;
  const keys = diffs.filter((property) => property === "accessKey" || property === "secretKey");
  if (keys.length === diffs.length && keys.length > 0) return md`gets another key; where it leads stays as it is`;
  return md`changed: ${diffs.join(", ") || "something that the preview doesn't name"}`;
}
