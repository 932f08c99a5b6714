import { previousName } from "../../builders/previous-key.ts";
import type { Deployment, StateResource } from "../recovery/recovery-plan.ts";

/**
 * The state in which the keys of these accounts are their former ones, so that the next update makes new ones. Whatever
 * names them (dependencies, what they are deleted with) follows. Pure.
 * @param urns of service accounts
 */
export function setAside(deployment: Deployment, urns: readonly string[]): Deployment {
  const names = new Set(urns);
  return renamed(deployment, (text) => (names.has(text) ? previousName(text) : text)) as Deployment;
}

/** The state without these resources; who named one as what it depends on depends on it no more. Pure. */
export function without(deployment: Deployment, urns: readonly string[]): Deployment {
  const gone = new Set<unknown>(urns);
  const rest = (names: unknown) => (Array.isArray(names) ? names.filter((name) => !gone.has(name)) : names);
  const resources = (deployment.resources ?? []).flatMap((resource): StateResource[] => {
    if (gone.has(resource.urn)) return [];
    const { dependencies, propertyDependencies } = resource;
    const byProperty = Object.entries(propertyDependencies ?? {}).map(([name, each]) => [name, rest(each)]);
    return [
      {
        ...resource,
        ...(dependencies !== undefined && { dependencies: rest(dependencies) }),
        ...(propertyDependencies !== undefined && { propertyDependencies: Object.fromEntries(byProperty) }),
      },
    ];
  });
  return { ...deployment, resources };
}

function renamed(value: unknown, rename: (text: string) => string): unknown {
  if (typeof value === "string") return rename(value);
  if (Array.isArray(value)) return value.map((each) => renamed(each, rename));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, renamed(each, rename)]));
}
