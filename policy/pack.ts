import type { PolicyConfigSchema, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { z } from "zod";
import { readers, stackOf } from "./facts/from-resources.ts";
import type { RegisteredResource } from "./facts/resource.ts";
import type { Facts, Subject } from "./facts.ts";
import { type Rule, type SingleRule, type StackRule, sentence, verdict } from "./rule.ts";

type Loose = Facts<Record<string, unknown>>;

/** A rule as CrossGuard runs it: mandatory, unless policy configuration says otherwise. */
export function crossGuardPolicy(rule: Rule): ResourceValidationPolicy | StackValidationPolicy {
  return rule.judges === "stack" ? stackPolicy(rule) : resourcePolicy(rule);
}

function resourcePolicy(rule: SingleRule): ResourceValidationPolicy {
  const read = readers[rule.judges];
  return {
    ...about(rule),
    validateResource: (args, report) => {
      const found = read(args as RegisteredResource);
      if (found === undefined) return;
      const { subject, facts } = found;
      const result = verdict(rule, facts as unknown as Loose, rule.options.parse(args.getConfig()));
      // CrossGuard says by itself, as advice, which value isn't known yet.
      if (result.verdict === "unknown") throw result.reason;
      if (result.verdict === "judged") for (const wrong of result.wrong) report(sentence(subject, wrong, rule));
    },
  };
}

function stackPolicy(rule: StackRule): StackValidationPolicy {
  return {
    ...about(rule),
    validateStack: (args, report) => {
      const resources = args.resources as readonly RegisteredResource[];
      const result = verdict(rule, stackOf(resources) as unknown as Loose, rule.options.parse(args.getConfig()));
      if (result.verdict === "unknown") throw result.reason;
      if (result.verdict !== "judged") return;
      for (const { subject, wrong } of result.wrong) report(sentence(subject, wrong, rule), urnOf(subject, resources));
    },
  };
}

/** The resource that a subject of a stack rule is, where one has its name. */
function urnOf({ name }: Subject, resources: readonly RegisteredResource[]): string | undefined {
  return resources.find((resource) => resource.name.endsWith(`/${name}`))?.urn;
}

function about({ name, description, severity, topic, framework, remedy, options }: Rule) {
  const { properties = {} } = z.toJSONSchema(options, { io: "input", target: "draft-7" });
  return {
    name,
    description,
    enforcementLevel: "mandatory" as const,
    severity,
    tags: [topic],
    remediationSteps: remedy,
    ...(framework && { framework }),
    ...(Object.keys(properties).length > 0 && { configSchema: { properties } as PolicyConfigSchema }),
  };
}
