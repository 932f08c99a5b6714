import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readPins } from "../../../toolchain/pins.ts";
import { ROOT } from "../../support/toolchain.ts";
import type { Wanted } from "./platform.ts";
import type { Step, Tool } from "./tool.ts";

const PROVIDER = "terraform-provider-minio";

const WORDS: Readonly<Record<Step, readonly string[] | undefined>> = {
  create: ["apply", "-auto-approve"],
  preview: ["plan", "-detailed-exitcode", "-refresh=false"],
  refresh: ["plan", "-detailed-exitcode"],
  scan: undefined,
  change: ["apply", "-auto-approve"],
  destroy: ["destroy", "-auto-approve"],
};

/**
 * Terraform with the community's provider: by BENCH_TERRAFORM and BENCH_TERRAFORM_PROVIDER, the paths of both programs, else
 * OpenTofu and the provider from the cache (`make terraform`).
 * @returns which of both is missing, where one is
 */
export function terraform(): Tool | { readonly missing: string } {
  const built = join(ROOT, ".bucketworks", "toolchain", "terraform");
  const { version } = readPins(join(ROOT, "toolchain")).terraformProvider;
  const named = process.env.BENCH_TERRAFORM_PROVIDER;
  const program = process.env.BENCH_TERRAFORM || join(built, "opentofu", "tofu");
  const provider = named || join(built, "provider", PROVIDER);
  const missing = [program, provider].find((file) => !existsSync(file));
  if (missing !== undefined) return { missing };
  return {
    name: "Terraform",
    version: `${versionOf(program)}, provider ${named ?? version}`,
    most: 500,
    prepare: async (folder) => {
      const plugins = join(folder, "plugins");
      mkdirSync(plugins);
      symlinkSync(provider, join(plugins, PROVIDER));
      const settings = join(folder, "settings.tfrc");
      // The folder stands for the registry: nothing is looked up, and there is no init.
      writeFileSync(
        settings,
        `provider_installation {\n  dev_overrides { "aminueza/minio" = ${JSON.stringify(plugins)} }\n  direct {}\n}\n`,
      );
      return {
        command: (step, { endpoint, user, password }, all) => {
          const words = WORDS[step];
          if (words === undefined) return undefined;
          writeFileSync(join(folder, "main.tf.json"), configuration(all));
          const server = { MINIO_ENDPOINT: endpoint, MINIO_USER: user, MINIO_PASSWORD: password };
          const env = { ...server, TF_CLI_CONFIG_FILE: settings, CHECKPOINT_DISABLE: "1" };
          return { words: [program, ...words, "-no-color", "-input=false"], cwd: folder, env };
        },
        stateBytes: () => statSync(join(folder, "terraform.tfstate")).size,
        remove: async () => undefined,
      };
    },
  };
}

/** The four settings are four resources of the provider. */
function configuration(all: readonly Wanted[]): string {
  const each = <T>(of: (wanted: Wanted) => T) => Object.fromEntries(all.map((wanted) => [wanted.bucket, of(wanted)]));
  const bucketOf = ({ bucket }: Wanted) => `\${minio_s3_bucket.${bucket}.bucket}`;
  return JSON.stringify({
    terraform: { required_providers: { minio: { source: "aminueza/minio" } } },
    provider: { minio: {} },
    resource: {
      minio_s3_bucket: each(({ bucket }) => ({ bucket })),
      minio_s3_bucket_versioning: each((wanted) => ({
        bucket: bucketOf(wanted),
        versioning_configuration: { status: "Enabled" },
      })),
      minio_ilm_policy: each((wanted) => ({
        bucket: bucketOf(wanted),
        rule: { id: "retention", expiration: `${wanted.expireDays}d` },
        // Of two settings of a bucket that are set at once MinIO may lose one.
        depends_on: [`minio_s3_bucket_versioning.${wanted.bucket}`],
      })),
      minio_iam_policy: each(({ policy, document }) => ({ name: policy, policy: document.replaceAll("${", "$${") })),
    },
  });
}

function versionOf(program: string): string {
  const text = execFileSync(program, ["version"], {
    encoding: "utf8",
    env: { ...process.env, TF_CLI_CONFIG_FILE: "/dev/null" },
  });
  return /^(?:OpenTofu|Terraform) v\S+$/m.exec(text)?.[0] ?? program;
}
