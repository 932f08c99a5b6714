import { z } from "zod";

/** The images that a stack can build; each is a folder of images/. */
export const IMAGE_NAMES = ["minio", "workloads"] as const;

export type ImageName = (typeof IMAGE_NAMES)[number];

const REGISTRY = /^(localhost|[a-z0-9-]+(\.[a-z0-9-]+)+|[a-z0-9-]+(?=:))(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/;

/** `bucketworks:images` of a stack that builds images. */
const ImageBuildsConfig = z.strictObject({
  registry: z.string().regex(REGISTRY, "must be a registry and a path in it, without scheme and tag"),
  build: z.array(z.enum(IMAGE_NAMES)).min(1, `must name one or more of ${IMAGE_NAMES.join(", ")}`),
  platform: z
    .string()
    .regex(/^linux\/(amd64|arm64)$/, "must be linux/amd64 or linux/arm64")
    .default("linux/amd64"),
});

/** What a stack builds and pushes, every default applied. */
export type ImageBuilds = z.output<typeof ImageBuildsConfig>;

/** What else the stack says, as far as it bears upon the images; credentials in plaintext, to be judged only. */
export interface AroundImages {
  /** `bucketworks:server.image`, where the stack sets it. */
  readonly serverImage: string | undefined;
  /** `bucketworks:workloadsImage`, where the stack sets it. */
  readonly workloadsImage: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** False where the stack's file holds the password in plaintext. */
  readonly passwordIsEncrypted: boolean;
}

export type ImagesResult =
  | { readonly ok: true; readonly images: ImageBuilds | undefined }
  | { readonly ok: false; readonly faults: readonly string[] };

const EXAMPLES: Readonly<Record<string, string>> = {
  registry: "'bucketworks:images.registry' registry.example/team",
  build: "'bucketworks:images.build[0]' workloads",
  platform: "'bucketworks:images.platform' linux/amd64",
};

/**
 * Judges `bucketworks:images`: absent or empty is a stack that builds none. Each fault is one sentence with its remedy.
 * @param given the parsed object of the stack's configuration
 */
export function readImages(given: unknown, around: AroundImages): ImagesResult {
  if (given === undefined || isEmpty(given)) return { ok: true, images: undefined };
  const parsed = ImageBuildsConfig.safeParse(given);
  const faults = [...(parsed.success ? [] : shapeFaults(parsed.error, given)), ...credentialFaults(around)];
  if (parsed.success) faults.push(...parsed.data.build.flatMap((image) => namedTwice(image, around)));
  return parsed.success && faults.length === 0 ? { ok: true, images: parsed.data } : { ok: false, faults };
}

/** What runs an image runs the one that is built or the one that is named. */
function namedTwice(image: ImageName, { serverImage, workloadsImage }: AroundImages): string[] {
  const [key, named] =
    image === "minio" ? ["bucketworks:server.image", serverImage] : ["bucketworks:workloadsImage", workloadsImage];
  if (named === undefined) return [];
  return [
    `${key} names ${named}, and bucketworks:images builds ${image}: only one of them can run; pulumi config rm --path '${key}', or take ${image} out of bucketworks:images.build`,
  ];
}

function isEmpty(given: unknown): boolean {
  return typeof given === "object" && given !== null && Object.keys(given).length === 0;
}

function shapeFaults(error: z.ZodError, given: unknown): string[] {
  return error.issues.map((issue) => {
    const { path } = issue;
    const at = ["bucketworks:images", ...path].join(".");
    if (issue.code === "unrecognized_keys") {
      const [key = ""] = issue.keys;
      return `${at} knows registry, build and platform, not ${key}; pulumi config rm --path '${at}.${key}'`;
    }
    const value = path.reduce<unknown>((from, key) => (from as Record<PropertyKey, unknown> | undefined)?.[key], given);
    const example = EXAMPLES[String(path[0] ?? "registry")];
    return `${at} ${wanted(issue)}, got ${JSON.stringify(value) ?? "nothing"}; pulumi config set --path ${example}`;
  });
}

function wanted(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_value") return `must be one of ${issue.values.join(", ")}`;
  if (issue.code === "invalid_type")
    return `must be ${issue.expected === "array" ? "a list" : `${issue.expected === "object" ? "an" : "a"} ${issue.expected}`}`;
  return issue.message;
}

function credentialFaults({ user, password, passwordIsEncrypted }: AroundImages): string[] {
  const faults: string[] = [];
  if (user !== undefined && password === undefined) {
    faults.push(
      `bucketworks:imagesUser is ${user} and has no password; set it, it is asked for and encrypted: pulumi config set --secret bucketworks:imagesPassword`,
    );
  }
  if (password === undefined) return faults;
  if (user === undefined) {
    faults.push(
      "bucketworks:imagesPassword is set and bucketworks:imagesUser isn't; pulumi config set bucketworks:imagesUser USER, or remove the password to use the login of docker on this machine: pulumi config rm bucketworks:imagesPassword",
    );
  }
  if (!passwordIsEncrypted) {
    faults.push(
      "bucketworks:imagesPassword is written in plaintext; choose a new one and set it encrypted: pulumi config set --secret bucketworks:imagesPassword",
    );
  }
  return faults;
}
