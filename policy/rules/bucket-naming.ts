import { z } from "zod";
import { bucketRule } from "../rule.ts";

const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const LAYERED = /^\d{2}-/;

/** S3's own limits (3 to 63 characters, no dots that look like an address) hold beside this: the provider refuses the rest. */
export const bucketNaming = bucketRule({
  name: "bucket-naming",
  description: "bucket names are kebab-case, and begin with a layer prefix where their platform is layered",
  severity: "medium",
  topic: "naming",
  remedy: "choose a name like 00-raw-market-data or market-data-raw before the bucket exists: S3 has no rename",
  note: "`check` refuses such a name in a spec (bucket-name, layer-prefix): only other programs can break it",
  needs: ["name", "declared"],
  options: { longest: z.int().min(3).max(63).default(63).meta({ description: "most characters of a name" }) },
  judge: ({ name, declared }, { longest }) => [
    ...(KEBAB.test(name) ? [] : ["isn't kebab-case: lower-case letters, digits and single dashes between them"]),
    ...(name.length < 3 ? ["has fewer than 3 characters"] : []),
    ...(name.length > longest ? [`has ${name.length} characters, allowed are ${longest}`] : []),
    ...(declared.naming === "layered" && !LAYERED.test(name)
      ? ["doesn't begin with a two-digit layer prefix, and its platform is layered (metadata.naming)"]
      : []),
  ],
});
