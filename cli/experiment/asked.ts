import { Option } from "commander";
import type { Experiment } from "../../config/model.ts";
import { DEV_STAGE } from "../../config/rules/stage.ts";
import { nearest } from "../../config/values/nearest.ts";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { modelOf, stageOption } from "../target/specs.ts";

/** Options of every command that looks at experiments. */
export interface AskedOptions {
  readonly platform?: string;
  readonly stage: string;
  readonly stack?: string;
  readonly format: "text" | "json";
}

/** An experiment, and whose it is. */
export interface Asked {
  readonly platform: string;
  /** Of the platform. */
  readonly database: string;
  readonly experiment: Experiment;
  /** Of the specs that say so. */
  readonly stage: string;
}

export const askedOptions = (): Option[] => [
  new Option("-p, --platform <name>", "the platform, where two have an experiment of this name"),
  new Option("--stage <stage>", "stage of the specs").default(DEV_STAGE).argParser(stageOption),
  new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"),
];

/** Experiments of the specs, of one platform where it is named. */
export function experimentsAsked({ root }: Checkout, { platform, stage, stack }: AskedOptions): Asked[] {
  const { platforms } = modelOf({ files: [], stage, stack, root });
  if (platform !== undefined && !platforms.some(({ name }) => name === platform)) {
    const names = platforms.map(({ name }) => name).join(", ");
    throw new CommandError(`experiment: no platform ${platform}; there are ${names || "none"}`, EXIT.wrongUse);
  }
  return platforms
    .filter(({ name }) => platform === undefined || name === platform)
    .flatMap(({ name, experiments, database }) =>
      experiments.map((experiment) => ({ platform: name, database: database?.name ?? "", experiment, stage })),
    );
}

/** @throws CommandError where no platform has it, or several have */
export function experimentNamed(checkout: Checkout, name: string, options: AskedOptions): Asked {
  const all = experimentsAsked(checkout, options);
  const [found, ...others] = all.filter(({ experiment }) => experiment.name === name);
  if (found === undefined) {
    const names = [...new Set(all.map(({ experiment }) => experiment.name))];
    const near = nearest(name, names);
    const hint = near === null ? `there are ${names.join(", ") || "none"}` : `did you mean ${near}?`;
    throw new CommandError(`experiment: the specs have no experiment ${name}; ${hint}`, EXIT.wrongUse);
  }
  if (others.length > 0) {
    const names = [found, ...others].map(({ platform }) => platform).join(", ");
    throw new CommandError(`experiment: ${name} is one of ${names}; name one with --platform`, EXIT.wrongUse);
  }
  return found;
}
