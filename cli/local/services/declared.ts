import { servicesOf } from "../../../builders/services/declared.ts";
import type { Platform, Services } from "../../../config/model.ts";
import type { ServiceProgram } from "../../../toolchain/pieces/service-programs.ts";
import type { Checkout } from "../../checkout.ts";
import { readStackFile } from "../../stack-file.ts";
import { modelOf } from "../../target/specs.ts";
import { STACK } from "../stack/name.ts";
import { PROGRAMS } from "./program.ts";

/** What the platforms of the stack dev ask for. */
export interface Declared {
  readonly platforms: readonly Platform[];
  /** Names of all that have a file, also of those that the stack leaves out. */
  readonly known: readonly string[];
  readonly services: Services;
  /** In the order of their start. */
  readonly names: readonly ServiceProgram[];
}

/** @throws CommandError with every fault of the specs */
export function declaredServices({ root }: Checkout): Declared {
  const { stage = STACK, platforms: chosen } = readStackFile(root, STACK);
  const model = modelOf({ files: [], stage, stack: STACK, root });
  const platforms = model.platforms.filter(({ name }) => chosen === undefined || chosen.includes(name));
  const services = servicesOf(platforms);
  const known = model.platforms.map(({ name }) => name);
  return { platforms, known, services, names: PROGRAMS.filter((name) => portOf(name, services) !== undefined) };
}

/** The port that the specs give a program; undefined where nobody asks for it. */
export function portOf(name: ServiceProgram, services: Services): number | undefined {
  return services[name === "node_exporter" ? "nodeExporter" : name]?.port;
}
