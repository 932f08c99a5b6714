/** Settings that say where something leads, and whom it lets in as what. */
export const TELLING =
  /url|endpoint|addr|broker|topic|subject|_bind_dn|_base_dn|search_filter|claim|role_|client_id|vendor|scopes|user_id|skip_verify|insecure|srv_record|proxy|^(table|index|exchange|routing_key|path_prefix)$/;

/** Of those that have one that isn't empty. */
export const DEFAULTS: Readonly<Record<string, string>> = {
  claim_name: "policy",
  skip_verify: "off",
  tls_skip_verify: "off",
  server_insecure: "off",
};

const SECONDS = { h: 3600, m: 60, s: 1 } as const;

/** Origins have no order, none is every one, and a time is as long as it is. */
export function isSame(key: string, one: string, other: string): boolean {
  return meaning(key, one) === meaning(key, other);
}

function meaning(key: string, value: string): string {
  if (key === "cors_allow_origin") return origins(value).sort().join();
  if (key !== "stale_uploads_expiry") return value;
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)([hms])/g)];
  return String(parts.reduce((sum, [, count, unit]) => sum + Number(count) * SECONDS[unit as keyof typeof SECONDS], 0));
}

export function origins(value: string): string[] {
  return value.split(",").map((each) => each.trim() || "*");
}
