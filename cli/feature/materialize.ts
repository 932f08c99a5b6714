import { Command } from "commander";
import { z } from "zod";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { print, printJson, table } from "../terminal/print.ts";
import { type AskedOptions, askedOptions, SERVER_HELP, storeAsked } from "./asked.ts";
import { runFeatures } from "./program.ts";

const HELP = `
Brings the newest value of each entity online, for all views that are online or for those that are named, and measures the values:
how many are missing, how many are outside of their range, and how far they are from the last training set. On Kubernetes a
scheduled job does it. It may be ended at any moment and run again.
${SERVER_HELP}

Examples:
  $ bucketworks feature materialize
  $ bucketworks feature materialize texts --format json | jq '.views[].features[] | select(.drift > 0.25)'

Exit codes: 0 done, 1 the specs have faults, 2 wrong use, 3 no server, a refusal, or files that don't fit`;

const share = z.number();
const result = z.object({
  views: z.array(
    z.object({
      view: z.string(),
      rows: z.number(),
      newest: z.string().nullable(),
      features: z.array(
        z.object({
          name: z.string(),
          null_share: share,
          null_share_allowed: share,
          outside_share: share,
          drift: z.number().nullable(),
        }),
      ),
    }),
  ),
});

/** `bucketworks feature materialize [VIEW...]`: the newest values go online. */
export function materializeCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  const command = new Command("materialize").description("bring the newest values online").argument("[view...]");
  for (const option of askedOptions()) command.addOption(option);
  return command.addHelpText("after", HELP).action(async (names: string[], options: AskedOptions) => {
    const asked = storeAsked(checkout, options);
    const { views } = await runFeatures(checkout, asked, ["materialize", "--", ...names], result);
    if (options.format === "json") return printJson({ schemaVersion: 1, platform: asked.platform, views });
    const empty = views.filter(({ features }) => features.length === 0);
    const rows = views.flatMap(({ view, rows: count, features }) =>
      features.map(({ name, null_share: missing, outside_share: outside, drift }) => [
        `${view}:${name}`,
        String(count),
        percent(missing),
        percent(outside),
        drift === null ? "-" : drift.toFixed(3),
      ]),
    );
    if (rows.length > 0) print(table([["FEATURE", "ROWS", "MISSING", "OUTSIDE", "DRIFT"], ...rows]));
    for (const { view } of empty) print(`${view}: nobody has written features below its prefix yet`);
  });
}

function percent(part: number): string {
  return `${Number((part * 100).toFixed(2))} %`;
}
