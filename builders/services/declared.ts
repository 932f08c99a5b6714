import type { Platform, Services } from "../../config/model.ts";

/** What the platforms of a stack ask for; those that ask for one ask for the same. */
export function servicesOf(platforms: readonly Platform[]): Services {
  const first = <K extends keyof Services>(name: K): Services[K] =>
    (platforms.find(({ services }) => services[name] !== null)?.services[name] ?? null) as Services[K];
  return {
    prometheus: first("prometheus"),
    alertmanager: first("alertmanager"),
    nodeExporter: first("nodeExporter"),
  };
}
