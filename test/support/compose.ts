import { instancesOf, sharedServices } from "../../builders/services/declared.ts";
import { resolved } from "./platforms.ts";

/** What the project's own platforms ask for in stage dev. */
export function askedServices() {
  const { platforms } = resolved(null, "dev");
  return { platforms, shared: sharedServices(platforms), instances: instancesOf(platforms) };
}
