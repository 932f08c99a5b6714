import type provider from "@pulumi/pulumi/proto/provider_pb.js";
import { REPLICATION_TYPE, type ReplicationService } from "./replication/service.ts";
import type { ProviderService } from "./serve.ts";
import type { BucketService } from "./service.ts";
import { TIER_TYPE, type TierService } from "./tier/service.ts";

type ResourceService = Pick<ProviderService, "check" | "diff" | "create" | "read" | "update" | "delete">;

interface Services {
  readonly buckets: BucketService;
  readonly tiers: TierService;
  readonly replication: ReplicationService;
}

/** Calls about one resource go to the service of its kind, all others to that of buckets, which has the connection. */
export function byKind({ buckets, tiers, replication }: Services): ProviderService {
  const others = new Map<string | undefined, ResourceService>([
    [TIER_TYPE, tiers],
    [REPLICATION_TYPE, replication],
  ]);
  const of = (request: { getUrn(): string }): ResourceService => others.get(typeOf(request.getUrn())) ?? buckets;
  return {
    handshake: () => buckets.handshake(),
    getSchema: () => buckets.getSchema(),
    checkConfig: (request) => buckets.checkConfig(request),
    diffConfig: (request) => buckets.diffConfig(request),
    configure: (request) => buckets.configure(request),
    check: (request: provider.CheckRequest) => of(request).check(request),
    diff: (request) => of(request).diff(request),
    create: (request) => of(request).create(request),
    read: (request) => of(request).read(request),
    update: (request) => of(request).update(request),
    delete: (request) => of(request).delete(request),
    cancel: () => buckets.cancel(),
  };
}

/** A URN has the types of its parents and its own, `a$b`, before the name. */
function typeOf(urn: string): string | undefined {
  return urn.split("::")[2]?.split("$").at(-1);
}
