import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../support/cli.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly "timeout-minutes"?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

const FOLDER = join(ROOT, ".github/workflows");
const TEXTS = new Map(readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), "utf8")]));
const SETUP = readFileSync(join(ROOT, ".github/actions/setup/action.yaml"), "utf8");

const MAY_WRITE: Readonly<Record<string, readonly string[]>> = {
  "preview.yaml preview": ["pull-requests"],
  "drift.yaml scan": ["issues"],
  "scans.yaml scan": ["issues"],
};

function workflow(name: string): Workflow {
  return parse(TEXTS.get(name) ?? "");
}

function jobs(name: string): [string, Job][] {
  return Object.entries(workflow(name).jobs);
}

describe.each([...TEXTS.keys()])("%s", (name) => {
  test("pins actions by commit, with the version beside it", () => {
    for (const line of `${TEXTS.get(name)}${SETUP}`.split("\n").filter((each) => /^\s*-?\s*uses:/.test(each))) {
      expect(line).toMatch(/uses: (?:\.\/\.github\/actions\/setup|actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/);
    }
  });

  test("runs no code of a pull request with the rights of the base, and puts no expression into a script", () => {
    expect(TEXTS.get(name)).not.toContain("pull_request_target");
    const scripts = jobs(name).flatMap(([, { steps }]) => steps.flatMap(({ run }) => run ?? []));
    expect(scripts.filter((script) => script.includes("${{"))).toEqual([]);
  });

  test("gives each job its rights by name, nothing beyond reading but for a comment or an issue, and an end", () => {
    expect(workflow(name).permissions).toEqual({});
    for (const [job, { permissions = {}, "timeout-minutes": minutes }] of jobs(name)) {
      expect(minutes, job).toBeLessThanOrEqual(90);
      const writes = Object.entries(permissions).filter(([, right]) => right === "write");
      expect(writes.map(([scope]) => scope)).toEqual(MAY_WRITE[`${name} ${job}`] ?? []);
    }
  });

  test("shows secrets to single steps only, and leaves no token in the checkout", () => {
    for (const [, { env = {}, steps }] of jobs(name)) {
      expect(JSON.stringify(env)).not.toContain("secrets.");
      for (const { uses, run, env: own = {} } of steps) {
        const isSecret = JSON.stringify(own).includes("secrets.");
        if (isSecret)
          expect(run).toMatch(
            /^make (?:(?:preview|comment|scan|deploy|ml-release) |pipelines-push$)|^sh \.ci\/kubeconfig\.sh$/,
          );
        if (uses?.startsWith("actions/checkout@")) expect(TEXTS.get(name)).toContain("persist-credentials: false");
      }
    }
  });
});

test("a fork's pull request is checked without credentials and never previewed", () => {
  const { check, preview } = workflow("preview.yaml").jobs;
  expect(JSON.stringify(check)).not.toMatch(/secrets\.|environment|github\.token/);
  expect(check?.permissions).toEqual({ contents: "read" });
  expect(check?.steps.at(-1)?.run).toBe('bin/bucketworks check --stage "$STACK"');
  expect(preview?.if).toContain("github.event.pull_request.head.repo.full_name == github.repository");
});

test("production is deployed in the environment that asks for an approval, every stack under its policies", () => {
  expect(workflow("deploy.yaml").jobs.production?.environment).toBe("production");
  expect(Object.keys(workflow("deploy.yaml").on)).toEqual(["push", "workflow_dispatch"]);
  const makefile = readFileSync(join(ROOT, "Makefile"), "utf8");
  expect(makefile).toMatch(/^pack = --policy-pack policy /m);
  expect(makefile).toMatch(/^deploy:.*\n.*attend\.ts up .*\$\(pack\)/m);
});

test("images of the data programs are built once these are judged, audited and tested, and pushed from main alone (DO-049, DO-075)", () => {
  const { check, images } = workflow("pipelines.yaml").jobs;
  const judged = ["make pipelines-check", "make pipelines-audit", "make pipelines-test"];
  expect(check?.steps.flatMap(({ run }) => run ?? [])).toEqual(judged);
  const makefile = readFileSync(join(ROOT, "Makefile"), "utf8");
  expect(makefile).toMatch(
    /^pipelines-test: packages pipelines-packages mlflow-server .*\n.*vitest run --project real test\/pipelines$/m,
  );
  expect(images).toMatchObject({ needs: "check", "runs-on": "ubuntu-latest" });
  const [build, push] = images?.steps.filter(({ run }) => run !== undefined) ?? [];
  expect(build).toEqual({ run: "make pipelines-images" });
  expect(push).toMatchObject({ if: "github.event_name == 'push' && vars.IMAGE_REGISTRY", run: "make pipelines-push" });
  expect(workflow("pipelines.yaml").on).toEqual({ push: { branches: ["main"] }, pull_request: null });
});

test("a model passes lint, tests, speed and audit, then staging, then production, each behind a smoke test that ends its rollout (ML-049 to ML-055)", () => {
  const { check, staging, production } = workflow("models.yaml").jobs;
  const runs = (job: Job | undefined) => job?.steps.flatMap(({ run }) => run ?? []);
  expect(runs(check)).toEqual([
    ...["make ml-lint", "make ml-unit", "make ml-integration", "make up services model"],
    ...["make ml-performance", "make ml-smoke", "make ml-audit"],
  ]);
  for (const [job, stack, before] of [
    [staging, "staging", "check"],
    [production, "production", "staging"],
  ] as const) {
    expect(job).toMatchObject({ needs: before, environment: stack });
    expect(job?.if).toContain(`'${stack}')`);
    expect(runs(job)).toEqual(["sh .ci/kubeconfig.sh", `make deploy STACK=${stack}`, `make ml-release STACK=${stack}`]);
  }
  expect(staging?.if).toContain("github.event_name == 'push'");
  expect(JSON.stringify(check)).not.toMatch(/secrets\.|environment|github\.token/);
  expect(workflow("deploy.yaml").jobs.production?.if).toContain(
    "!contains(fromJSON(vars.BUCKETWORKS_STACKS || '[]'), 'staging')",
  );
  const makefile = readFileSync(join(ROOT, "Makefile"), "utf8");
  expect(makefile).toMatch(/^ml-release:.*\n.*rollout smoke mlops-model-api .*--wait .*--decide$/m);
  expect(makefile).toMatch(
    /^ml-check:.*\n.*steps\.sh ml-lint ml-unit ml-integration ml-performance ml-smoke ml-audit$/m,
  );
});

test("packages and images are scanned every week, and what is found becomes one issue (ML-101)", () => {
  const { on, jobs: found } = workflow("scans.yaml");
  expect(on).toEqual({ schedule: [{ cron: expect.any(String) }], workflow_dispatch: null });
  expect(found.scan?.steps.flatMap(({ run }) => run ?? [])[0]).toBe("make scans");
});
