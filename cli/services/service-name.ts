import { nearest } from "../../config/values/nearest.ts";
import type { ServiceProgram } from "../../toolchain/pieces/service-programs.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { PROGRAMS } from "../local/services/program.ts";

/** Commander's parser for the name of a service. */
export function serviceName(given: string): ServiceProgram {
  const found = PROGRAMS.find((name) => name === given);
  if (found !== undefined) return found;
  const near = nearest(given, PROGRAMS);
  const fix = near === null ? "use one of them" : `did you mean ${near}?`;
  throw new CommandError(
    `no service ${JSON.stringify(given)}, there are ${PROGRAMS.join(", ")}; ${fix}`,
    EXIT.wrongUse,
  );
}
