import type { LifecycleRule } from "../../provider/bucket-types.ts";
import { cis } from "../frameworks.ts";
import { bucketRule } from "../rule.ts";

export const bucketLifecycle = bucketRule({
  name: "bucket-lifecycle",
  description:
    "the lifecycle document expires current objects when the declared retention says, neither earlier nor later",
  severity: "high",
  topic: "retention",
  framework: cis("3.4"),
  remedy: "let retention_days alone expire objects of the whole bucket",
  note: "`retention_days` makes the rule, and `check` refuses a second expiry of a whole bucket (second-expiry): only other programs or changes by hand can break it",
  needs: ["lifecycle", "declared"],
  judge: ({ lifecycle, declared }) => {
    const ages = lifecycle.filter(coversAll).map(({ Expiration }) => Expiration?.Days ?? Expiration?.Date);
    const said = declared.retentionDays;
    const wrong = ages.filter((age) => age !== undefined && age !== said);
    if (wrong.length > 0) {
      return wrong.map(
        (age) =>
          `expires all objects ${when(age)}, declared is ${said === undefined ? "no retention" : `${said} days`}`,
      );
    }
    return said === undefined || ages.includes(said)
      ? []
      : [`declares ${said} days of retention, and no enabled rule expires them`];
  },
});

function when(age: number | string | undefined): string {
  return typeof age === "number" ? `after ${age} days` : `on ${age}`;
}

/** A rule in force without any limit. */
export function coversAll({ Status, Filter }: LifecycleRule): boolean {
  return Status === "Enabled" && Object.keys(Filter).length === 0;
}
