import { SCRATCH_BUCKETS } from "../../config/values/scratch-buckets.ts";
import { cis } from "../frameworks.ts";
import { grantRule } from "../rule.ts";
import { allowances, placeOf } from "../statements.ts";

export const accessWildcard = grantRule({
  name: "access-wildcard",
  description:
    "rights name each action and each bucket: no wildcard action, no wildcard bucket but scratch buckets of drills, no all-but",
  severity: "high",
  topic: "access",
  framework: cis("6.8"),
  remedy: "grant roles on named buckets, as access.policies does",
  note: "a spec's roles expand to named actions, and `check` refuses a wildcard bucket (wildcard-grant): only other programs or changes by hand can break it",
  needs: ["document"],
  judge: ({ document }) =>
    allowances(document).flatMap(({ actions, notActions, resources, notResources }) => [
      ...actions.filter(hasWildcard).map((action) => `allows action ${action}`),
      ...resources
        .filter((resource) => hasWildcard(bucketPart(resource)) && bucketPart(resource) !== SCRATCH_BUCKETS)
        .map((resource) => `allows resource ${resource}`),
      ...(notActions.length > 0 ? [`allows all actions but ${notActions.join(", ")}`] : []),
      ...(notResources.length > 0 ? [`allows all resources but ${notResources.join(", ")}`] : []),
    ]),
});

/** Keys below a named bucket may be told by a pattern. */
function bucketPart(resource: string): string {
  return placeOf(resource).split("/", 1)[0] ?? "";
}

function hasWildcard(text: string): boolean {
  return /[*?]/.test(text);
}
