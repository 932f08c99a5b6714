import { CommandError, EXIT } from "../ending/exit.ts";
import type { RawVersion, RegisteredModel, Registry } from "./registry.ts";

/** A version with what its tags say of it; docs/mlflow.md has their names. */
export interface ModelVersion {
  readonly model: string;
  /** MLflow's own number. */
  readonly version: string;
  /** MLflow's own: READY, or PENDING_REGISTRATION or FAILED_REGISTRATION. */
  readonly status: string;
  /** Sorted. */
  readonly aliases: readonly string[];
  /** Null where the tag isn't there, as are the two that follow. */
  readonly semanticVersion: string | null;
  readonly dataVersion: string | null;
  readonly commit: string | null;
  readonly parameters: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
}

export function modelVersion({ name, version, status, tags }: RawVersion, { aliases }: RegisteredModel): ModelVersion {
  const tag = (key: string): string | null => tags[key] || null;
  // Of an empty text Number makes 0.
  const metrics = Object.entries(below(tags, "metric."))
    .filter(([, value]) => value.trim() !== "")
    .map(([key, value]): [string, number] => [key, Number(value)]);
  return {
    model: name,
    version,
    status,
    aliases: aliases.flatMap((each) => (each.version === version ? [each.alias] : [])).sort(),
    semanticVersion: tag("semantic_version"),
    dataVersion: tag("data_version"),
    commit: tag("commit"),
    parameters: below(tags, "param."),
    metrics: Object.fromEntries(metrics.filter(([, value]) => Number.isFinite(value))),
  };
}

/** A model with all its versions, oldest first. @throws CommandError where there is none */
export async function modelNamed(
  registry: Registry,
  name: string,
): Promise<{ readonly model: RegisteredModel; readonly versions: readonly ModelVersion[] }> {
  const model = await registry.model(name);
  if (model === undefined) {
    const all = (await registry.models()).map((each) => each.name).join(", ");
    throw new CommandError(`models: no registered model ${name}; there are ${all || "none"}`, EXIT.wrongUse);
  }
  return { model, versions: (await registry.versions(name)).map((each) => modelVersion(each, model)) };
}

/**
 * @param word number of a version, or an alias
 * @throws CommandError where there is none
 */
export function versionNamed(versions: readonly ModelVersion[], model: string, word: string): ModelVersion {
  const found = versions.find(({ version, aliases }) => version === word || aliases.includes(word));
  if (found !== undefined) return found;
  const all = versions.map(({ version, aliases }) => [version, ...aliases].join(" = ")).join(", ");
  throw new CommandError(`models: ${model} has no version or alias ${word}; it has ${all || "none"}`, EXIT.wrongUse);
}

/** For people: `4 (1.3.0)`. */
export function versionText({ version, semanticVersion }: ModelVersion): string {
  return semanticVersion === null ? version : `${version} (${semanticVersion})`;
}

function below(tags: Readonly<Record<string, string>>, prefix: string): Record<string, string> {
  const found = Object.entries(tags).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(found.map(([key, value]): [string, string] => [key.slice(prefix.length), value]).sort());
}
