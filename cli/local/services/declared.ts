import { type Instance, localInstancesOf, sharedServices } from "../../../builders/services/declared.ts";
import type { Platform, SharedServices } from "../../../config/model.ts";
import type { Checkout } from "../../checkout.ts";
import { readStackFile } from "../../stack-file.ts";
import { modelOf } from "../../target/specs.ts";
import { STACK } from "../stack/name.ts";
import { KINDS } from "./kinds/kinds.ts";

/** What the platforms of the stack dev ask for. */
export interface Declared {
  readonly platforms: readonly Platform[];
  /** Names of all that have a file, also of those that the stack leaves out. */
  readonly known: readonly string[];
  readonly shared: SharedServices;
  /** In the order of their start. */
  readonly instances: readonly Instance[];
}

/** @throws CommandError with every fault of the specs */
export function declaredServices({ root }: Checkout): Declared {
  const { stage = STACK, platforms: chosen } = readStackFile(root, STACK);
  const model = modelOf({ files: [], stage, stack: STACK, root });
  const platforms = model.platforms.filter(({ name }) => chosen === undefined || chosen.includes(name));
  const known = model.platforms.map(({ name }) => name);
  const instances = localInstancesOf(platforms).filter(({ kind }) => KINDS[kind] !== undefined);
  return { platforms, known, shared: sharedServices(platforms), instances };
}
