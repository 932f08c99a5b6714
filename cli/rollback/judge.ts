import { isDeepStrictEqual } from "node:util";
import type { ResolvedModel } from "../../config/model.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { reviewText } from "../../review/comment.ts";
import { removals } from "../../review/removals.ts";
import { reviewOf } from "../../review/review.ts";
import { countContents } from "../comment/bucket-contents.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { previewStack, refusals } from "../preview/engine-preview.ts";
import { refuseUnknownStack } from "../pulumi/run-pulumi.ts";
import { removalRefusals } from "./refusals.ts";

export interface Plan {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stack: string;
  readonly now: ResolvedModel;
  readonly model: ResolvedModel;
  readonly server: ServerAddress;
  /** Arguments of the engine besides: a policy pack. */
  readonly args: readonly string[];
}

/**
 * Previews a rollback. It changes nothing.
 * @param show told what it would change, as `bucketworks comment` tells it, before it is refused
 * @returns false where neither a resource nor the kept model would change
 * @throws CommandError with every reason why an update would refuse it
 */
export async function judgeRollback(plan: Plan, show: (text: string) => void): Promise<boolean> {
  const { root, env, stack, now, model, server, args } = plan;
  const { answer, preview } = await previewStack(root, env, stack, args);
  if (answer.code !== 0) refuseUnknownStack(stack, answer.stderr);
  if (typeof preview === "string") throw new Error(`pulumi preview gave ${preview}`);
  const gone = removals(now, model, preview);
  const contents = await countContents(
    server,
    gone.map(({ bucket }) => bucket),
  );
  show(reviewText(reviewOf({ before: now, after: model, preview, contents })));
  const refused = [...removalRefusals(gone, contents), ...(answer.code === 0 ? [] : refusals(preview))];
  if (refused.length > 0) {
    const code = preview.result === "incomplete" ? EXIT.couldNotLook : EXIT.findings;
    throw new CommandError([...refused, "rollback: refused; nothing was changed"].join("\n"), code);
  }
  return preview.steps.length > 0 || !isDeepStrictEqual(now, model);
}
