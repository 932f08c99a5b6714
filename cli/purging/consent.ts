import type { Bucket, ResolvedModel } from "../../config/model.ts";
import type { StackFile } from "../stack-file.ts";

/** Where the two keys to a bucket's objects lie. */
export interface Keys {
  /** Name of the stack, as `--stack` takes it. */
  readonly stackName: string;
  readonly model: ResolvedModel;
  readonly stack: Pick<StackFile, "allowPurge" | "platformsDir">;
}

/** The bucket as its spec has it; undefined where no platform of the stack declares it. */
export function declaredBucket(model: ResolvedModel, bucket: string): Bucket | undefined {
  return model.platforms.flatMap(({ buckets }) => buckets).find(({ name }) => name === bucket);
}

/** As messages and commands name the file of a platform. */
export function platformPath(platformsDir: string, platform: string): string {
  return `${platformsDir}/${platform}.yaml`;
}

/** One sentence for each key that is missing, with the line or command that gives it; none is consent. */
export function missingKeys(bucket: string, { stackName, model, stack }: Keys): string[] {
  const declared = declaredBucket(model, bucket);
  const missing: string[] = [];
  if (declared === undefined) {
    missing.push(
      `no platform of stack ${stackName} declares bucket ${bucket}; declare it (again) in its file in ${stack.platformsDir} with on_delete: purge, and run pulumi up`,
    );
  } else if (declared.onDelete !== "purge") {
    missing.push(
      `the spec keeps the objects of ${bucket} (on_delete: ${declared.onDelete}); write on_delete: purge for it in ${platformPath(stack.platformsDir, declared.platform)}`,
    );
  }
  if (!stack.allowPurge.includes(bucket)) {
    const allow = allowCommand(stackName, [...stack.allowPurge, bucket]);
    missing.push(`stack ${stackName} doesn't name ${bucket} in bucketworks:allowPurge; allow it: ${allow}`);
  }
  return missing;
}

/** Writes the whole list: what this checkout sets hides the list of the tracked file, it isn't added to it. */
function allowCommand(stackName: string, buckets: readonly string[]): string {
  const settings = buckets.map((bucket, index) => `--plaintext 'bucketworks:allowPurge[${index}]=${bucket}'`);
  return `pulumi config set-all --stack ${stackName} --path ${settings.join(" ")}`;
}
