/** Key of the database's role by which the feature store keeps its registry and what is online. */
export const FEATURE_ROLE = "feature_store";
/** Schema of the platform's database that is the role's own. */
export const FEATURE_SCHEMA = "features";
/** Beginning of the keys of profiles that drift is measured against. */
export const PROFILES_PREFIX = "_profiles/";

/** The scheduled job that brings a platform's features online. */
export function featureJobName(platform: string): string {
  return `${platform}-features`;
}
