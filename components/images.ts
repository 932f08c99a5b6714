import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Image } from "@pulumi/docker/image.js";
import * as pulumi from "@pulumi/pulumi";
import type { ImageBuilds, ImageName } from "../config/stack/image-builds.ts";
import type { ImageSettings, RegistryLogin } from "../config/stack/settings.ts";
import { dockerfileOf, PIPELINE_IMAGES } from "../config/values/image.ts";

const DOCKERIGNORE = ".dockerignore";

type PipelineImage = (typeof PIPELINE_IMAGES)[number];

/** Where an image comes from, by paths from the project's root. */
interface Recipe {
  readonly context: string;
  readonly dockerfile: string;
  /** What a change of makes another image. */
  readonly sources: () => readonly string[];
}

const RECIPES: Readonly<Record<ImageName, Recipe>> = {
  minio: {
    context: "toolchain/go",
    dockerfile: "images/minio/Dockerfile",
    sources: () => ["images/minio", "toolchain/go/minio", "toolchain/go/mc"],
  },
  workloads: {
    context: ".",
    dockerfile: "images/workloads/Dockerfile",
    sources: () => ["images/workloads", DOCKERIGNORE, ...admitted(readFileSync(DOCKERIGNORE, "utf8"))],
  },
  experiments: {
    context: ".",
    dockerfile: dockerfileOf("experiments"),
    sources: () => [
      "images/experiments",
      ...admitted(readFileSync(`${dockerfileOf("experiments")}${DOCKERIGNORE}`, "utf8")),
    ],
  },
  ...(Object.fromEntries(PIPELINE_IMAGES.map((name) => [name, programRecipe(name)])) as Record<PipelineImage, Recipe>),
  "mlflow-server": programRecipe("mlflow-server"),
  "database-backup": programRecipe("database-backup"),
};

/** A data program's image changes with its own package, with what the packages share, and with what gets into it. */
function programRecipe(name: PipelineImage | "mlflow-server" | "database-backup"): Recipe {
  const context = "pipelines";
  const [dockerfile, ignore] = [`${context}/${name}/Dockerfile`, `${context}/${DOCKERIGNORE}`];
  const own = (path: string): boolean => path.startsWith(`${name}/`) || path.startsWith("shared/");
  const taken = (): string[] => admitted(readFileSync(ignore, "utf8")).filter(own);
  return { context, dockerfile, sources: () => [dockerfile, ignore, ...taken().map((path) => `${context}/${path}`)] };
}

export interface PlatformImagesArgs {
  readonly builds: ImageBuilds;
  /** Undefined is the login of docker on this machine. */
  readonly login: RegistryLogin | undefined;
  /** Commit of each image's sources; becomes the tag and the label `org.opencontainers.image.revision`. */
  readonly revision: (image: ImageName) => string;
}

/** The images that a stack asks for, built by this machine's Docker engine and pushed to the stack's registry. */
export class PlatformImages extends pulumi.ComponentResource {
  /** `REGISTRY/NAME@sha256:DIGEST` of each image that was asked for. */
  readonly references: Readonly<Partial<Record<ImageName, pulumi.Output<string>>>>;

  constructor(name: string, args: PlatformImagesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bucketworks:images:PlatformImages", name, {}, opts);
    const { registry, platform, build } = args.builds;
    const references = build.map((each) => {
      const revision = args.revision(each);
      const image = new Image(
        each,
        {
          imageName: `${registry}/${each}:${revision}`,
          build: {
            context: RECIPES[each].context,
            dockerfile: RECIPES[each].dockerfile,
            platform,
            args: { GIT_COMMIT_HASH: revision },
          },
          ...(args.login && { registry: registryOf(registry, args.login) }),
        },
        { parent: this },
      );
      return [each, image.repoDigest];
    });
    this.references = Object.fromEntries(references);
    this.registerOutputs({ references: this.references });
  }
}

/** What the stack's settings ask for. */
export function platformImages({ builds, login }: ImageSettings): PlatformImages {
  return new PlatformImages("images", { builds, login, revision: (image) => sourceRevision(RECIPES[image].sources()) });
}

/** The paths that a `.dockerignore` which shuts out everything lets in. */
export function admitted(dockerignore: string): string[] {
  return dockerignore.split("\n").flatMap((line) => (line.startsWith("!") ? [line.slice(1).trim()] : []));
}

/**
 * The last commit that changed any of these paths, with `-dirty` where they hold more than is committed: an image, and
 * the servers that run it, stay as they are while only the rest of the project moves on.
 * @throws pulumi.RunError where git doesn't know
 */
export function sourceRevision(sources: readonly string[], root = "."): string {
  const commit = git(root, "log", "-1", "--format=%H", "--", ...sources);
  const isClean = git(root, "status", "--porcelain", "--", ...sources) === "";
  if (commit === "") throw new pulumi.RunError(`images: no commit holds ${sources.join(", ")}; commit them first`);
  return isClean ? commit : `${commit}-dirty`;
}

function git(root: string, ...args: readonly string[]): string {
  try {
    return execFileSync("git", ["-C", root, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n").slice(0, 2).join(" ") : String(error);
    throw new pulumi.RunError(
      `images: git can't tell which commit an image is built from (${reason}); run in a clone, or take bucketworks:images out of the stack`,
    );
  }
}

function registryOf(registry: string, { user, password }: RegistryLogin): Registry {
  return { server: registry.split("/")[0] ?? registry, username: user, password: pulumi.secret(password) };
}

interface Registry {
  readonly server: string;
  readonly username: pulumi.Input<string>;
  readonly password: pulumi.Input<string>;
}
