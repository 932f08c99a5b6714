import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ResolvedModel } from "../../config/model.ts";
import type { SpecPlace } from "../../config/spec.ts";
import { evaluate, type Finding } from "../../policy/evaluate.ts";
import { factsOfModel } from "../../policy/facts/from-model.ts";
import { ruleSettings } from "../../policy/rule-settings.ts";
import { rules } from "../../policy/rules.ts";
import { ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";

/** A broken policy, where the spec names what breaks it. */
export interface PlacedFinding extends Finding {
  readonly place: SpecPlace | null;
}

/** Judges a model by the rules of `policy/`, as `--policy-pack policy` does with the stage's file of `policy/stages`. */
export function policyFindings(
  model: ResolvedModel,
  placeOf: (kind: string, name: string) => SpecPlace | undefined,
): PlacedFinding[] {
  const { file, configuration } = stageConfiguration(model.stage);
  const settings = ruleSettings(rules, configuration);
  if (!settings.ok) {
    throw new CommandError(settings.faults.map((fault) => `error: ${file}: ${fault}`).join("\n"), EXIT.wrongUse);
  }
  const { findings } = evaluate(rules, settings.settings, factsOfModel(model));
  return findings.map((finding) => ({
    ...finding,
    place: placeOf(finding.subject.kind, finding.subject.name) ?? null,
  }));
}

/** `file:line:column rule level: message` */
export function placedFindingText({ place, rule, level, message }: PlacedFinding): string {
  const where = place === null ? "" : `${place.file}:${place.line}:${place.column} `;
  return `${where}${rule} ${level}: ${message}`;
}

/** A stage without a file of its own gets every rule as it is, mandatory. */
function stageConfiguration(stage: string): { file: string; configuration: unknown } {
  const file = join(ownRoot(), "policy", "stages", `${stage}.json`);
  if (!existsSync(file)) return { file, configuration: undefined };
  try {
    return { file, configuration: JSON.parse(readFileSync(file, "utf8")) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`error: ${file} can't be read as JSON: ${reason}`, EXIT.wrongUse);
  }
}
