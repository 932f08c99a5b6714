import { urlOf } from "../../../live/server-address.ts";
import { counted } from "../../terminal/print.ts";
import type { Context } from "../context.ts";
import { parted, right, type Seen, wrong } from "../finding.ts";

/** The stack's settings and the platform files: whether they lead to a model and a server. */
export async function lookAtSettings({ found, stage, server }: Context): Promise<Seen[]> {
  if (found.kind === "none") {
    if (!found.why.includes("\n") && found.why.includes("; ")) return [parted("wrong", found.why)];
    return [wrong(found.why, "fix what is named; bucketworks check looks at the platform files alone")];
  }
  const { platforms } = found.model;
  const from = found.server.endpointFrom ?? "the settings";
  const where = server === undefined ? `stack ${stage}` : `stage ${stage}`;
  return [right(`${where}: ${counted(platforms.length, "platform")}, server ${urlOf(found.server)} (from ${from})`)];
}
