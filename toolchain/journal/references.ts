import type { Resource } from "./deployment.ts";

const STACK = "pulumi:pulumi:Stack";

/** `urn:pulumi:STACK::PROJECT::TYPES::NAME`; the name may hold `::`. */
function parts(urn: string) {
  const [stack = "", project = "", types = "", ...name] = urn.split("::");
  return { stack, project, types, type: types.split("$").at(-1) ?? "", name: name.join("::") };
}

/**
 * Gives every reference the URN that its resource has now, where the state still has one by which it was known before
 * (DeploymentV3.NormalizeURNReferences).
 * @throws Error where two resources have the same alias
 */
export function withPresentUrns(resources: readonly Resource[]): Resource[] {
  const present = presentUrns(resources);
  if (present.size === 0) return [...resources];
  const fixed = (urn: string): string => present.get(urn) ?? urn;
  return resources.map((resource) => {
    const { parent, provider, dependencies, propertyDependencies, replaceWith, deletedWith, viewOf } = resource;
    // An alias that leads to the resource itself, or to one that the state has, says nothing more.
    return {
      ...resource,
      urn: fixed(resource.urn),
      ...(parent && { parent: fixed(parent) }),
      ...(provider && { provider: fixedProvider(provider, fixed) }),
      ...(dependencies && { dependencies: dependencies.map(fixed) }),
      ...(propertyDependencies && {
        propertyDependencies: mapValues(propertyDependencies, (urns) => urns?.map(fixed) ?? urns),
      }),
      ...(replaceWith && { replaceWith: replaceWith.map(fixed) }),
      ...(deletedWith && { deletedWith: fixed(deletedWith) }),
      ...(viewOf && { viewOf: fixed(viewOf) }),
    };
  });
}

/** The URN of today by each of before. */
function presentUrns(resources: readonly Resource[]): Map<string, string> {
  const present = new Map<string, string>();
  for (const { urn, parent, aliases = [] } of resources) {
    for (const alias of aliases ?? []) {
      const other = present.get(alias);
      if (other !== undefined && other !== urn) throw new Error(`${other} and ${urn} have the same alias: ${alias}`);
      present.set(alias, urn);
    }
    const now = present.get(parent ?? "");
    if (now === undefined) continue;
    const above = parts(now);
    if (above.types === STACK) continue;
    const own = parts(urn);
    present.set(urn, `${own.stack}::${own.project}::${above.types}$${own.type}::${own.name}`);
  }
  return present;
}

/** `URN::ID`. */
function fixedProvider(provider: string, fixed: (urn: string) => string): string {
  const at = provider.lastIndexOf("::");
  return `${fixed(provider.slice(0, at))}${provider.slice(at)}`;
}

/**
 * Takes references to resources out that a refresh found gone, and with them every list that is empty
 * (backend.rebuildDependencies).
 */
export function withoutDangling(resources: readonly Resource[]): Resource[] {
  const there = new Set<string>();
  return resources.map((resource) => {
    const { dependencies, propertyDependencies, replaceWith, deletedWith, parent, ...rest } = resource;
    const kept = (urns: readonly string[] | null | undefined): string[] => urns?.filter((urn) => there.has(urn)) ?? [];
    const byProperty = Object.entries(propertyDependencies ?? {}).flatMap(([property, urns]) =>
      kept(urns).length > 0 ? [[property, kept(urns)] as const] : [],
    );
    there.add(resource.urn);
    return {
      ...rest,
      ...(parent && there.has(parent) && { parent }),
      ...(kept(dependencies).length > 0 && { dependencies: kept(dependencies) }),
      ...(byProperty.length > 0 && { propertyDependencies: Object.fromEntries(byProperty) }),
      ...(kept(replaceWith).length > 0 && { replaceWith: kept(replaceWith) }),
      ...(deletedWith && there.has(deletedWith) && { deletedWith }),
    };
  });
}

function mapValues<T, U>(object: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
