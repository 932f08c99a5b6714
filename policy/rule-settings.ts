import { z } from "zod";
import { nearest } from "../config/values/nearest.ts";
import type { Rule } from "./rule.ts";

/** `mandatory` stops an update, `advisory` is said and lets it pass. */
export type Level = "mandatory" | "advisory" | "disabled";

/** How one rule is applied. */
export interface RuleSettings {
  readonly level: Level;
  /** The rule's options, every default applied. */
  readonly options: Record<string, unknown>;
}

/** The form of Pulumi's policy configuration: a level, or options with or without one; `all` is every rule. */
const Level = z.enum(["mandatory", "advisory", "disabled"]);
const Configuration = z.record(z.string(), z.union([Level, z.looseObject({ enforcementLevel: Level.optional() })]));

export type SettingsResult =
  | { readonly ok: true; readonly settings: ReadonlyMap<string, RuleSettings> }
  | { readonly ok: false; readonly faults: readonly string[] };

/**
 * Settings of every rule. Without a configuration each is mandatory, so that a forgotten one lets nothing pass.
 * @param configuration parsed JSON of a `--policy-pack-config` file; undefined where there is none
 */
export function ruleSettings(rules: readonly Rule[], configuration: unknown): SettingsResult {
  const parsed = Configuration.safeParse(configuration ?? {});
  if (!parsed.success) {
    return {
      ok: false,
      faults: parsed.error.issues.map(({ path, message }) => `${path.join(".") || "it"}: ${message}`),
    };
  }
  const given = new Map(Object.entries(parsed.data).map(([name, value]) => [name, withLevel(value)]));
  const names = rules.map(({ name }) => name);
  const faults = [...given.keys()]
    .filter((name) => name !== "all" && !names.includes(name))
    .map((name) => {
      const known = nearest(name, names);
      return `${name}: no such rule${known === null ? "" : `, did you mean ${known}?`} (docs/policies.md lists them)`;
    });
  const settings = new Map<string, RuleSettings>();
  const { level: forAll } = given.get("all") ?? {};
  for (const rule of rules) {
    const { level, options = {} } = given.get(rule.name) ?? {};
    const checked = rule.options.strict().safeParse(options);
    if (checked.success) settings.set(rule.name, { level: level ?? forAll ?? "mandatory", options: checked.data });
    else
      faults.push(...checked.error.issues.map(({ path, message }) => `${[rule.name, ...path].join(".")}: ${message}`));
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, settings };
}

function withLevel(value: Level | { enforcementLevel?: Level | undefined; [key: string]: unknown }) {
  if (typeof value === "string") return { level: value };
  const { enforcementLevel: level, ...options } = value;
  return { level, options };
}
