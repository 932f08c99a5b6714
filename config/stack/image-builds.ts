import { z } from "zod";
import { PROGRAM_IMAGES } from "../values/image.ts";

/** The images that a stack can build. */
export const IMAGE_NAMES = ["minio", "workloads", ...PROGRAM_IMAGES, "mlflow-server", "database-backup"] as const;

export type ImageName = (typeof IMAGE_NAMES)[number];

const REGISTRY = /^(localhost|[a-z0-9-]+(\.[a-z0-9-]+)+|[a-z0-9-]+(?=:))(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/;

/** `bucketworks:images` of a stack that builds images. */
export const ImageBuildsConfig = z.strictObject({
  registry: z.string().regex(REGISTRY, "must be a registry and a path in it, without scheme and tag"),
  build: z.array(z.enum(IMAGE_NAMES)).min(1, `must name one or more of ${IMAGE_NAMES.join(", ")}`),
  platform: z
    .string()
    .regex(/^linux\/(amd64|arm64)$/, "must be linux/amd64 or linux/arm64")
    .default("linux/amd64"),
});

/** What a stack builds and pushes, every default applied. */
export type ImageBuilds = z.output<typeof ImageBuildsConfig>;
