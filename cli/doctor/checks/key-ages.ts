import { isDue, phaseText } from "../../rotate/choose.ts";
import { lookAtKeys } from "../../rotate/look.ts";
import { counted } from "../../terminal/print.ts";
import type { Context } from "../context.ts";
import { note, right, type Seen, wrong } from "../finding.ts";

/** Whether a key is older than its platform permits, or its replacement stands still. */
export async function lookAtKeyAges({ root, env, stage }: Context): Promise<Seen[]> {
  const { accounts } = await lookAtKeys({ root, env, stack: stage });
  if (accounts.length === 0)
    return [note("no platform says how old a key may be", "access.rotation does (docs/rotation.md)")];
  const due = accounts.filter(isDue);
  if (due.length === 0) return [right(`${counted(accounts.length, "key")} of service accounts, none is due`)];
  const cure = `bucketworks rotate --due${stage === "dev" ? "" : ` --stack ${stage}`}`;
  return due.map(({ name, resource, phase }) => {
    const made = resource?.made === undefined ? "" : `, made ${resource.made.toISOString()}`;
    return wrong(`the key of ${name}${made}: ${phaseText(phase)}`, cure);
  });
}
