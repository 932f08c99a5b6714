import type { Rule } from "./rule.ts";
import { accessAdministration } from "./rules/access-administration.ts";
import { accessWildcard } from "./rules/access-wildcard.ts";
import { bucketAnonymousRead } from "./rules/bucket-anonymous-read.ts";
import { bucketAnonymousWrite } from "./rules/bucket-anonymous-write.ts";
import { bucketEncryption } from "./rules/bucket-encryption.ts";
import { bucketImmutability } from "./rules/bucket-immutability.ts";
import { bucketLifecycle } from "./rules/bucket-lifecycle.ts";
import { bucketLock } from "./rules/bucket-lock.ts";
import { bucketNaming } from "./rules/bucket-naming.ts";
import { bucketNoncurrent } from "./rules/bucket-noncurrent.ts";
import { bucketProtection } from "./rules/bucket-protection.ts";
import { bucketPurge } from "./rules/bucket-purge.ts";
import { bucketQuota } from "./rules/bucket-quota.ts";
import { bucketRetention } from "./rules/bucket-retention.ts";
import { bucketTags } from "./rules/bucket-tags.ts";
import { bucketVersioning } from "./rules/bucket-versioning.ts";
import { identityBuiltinPolicy } from "./rules/identity-builtin-policy.ts";
import { identityDefault } from "./rules/identity-default.ts";
import { identityRoot } from "./rules/identity-root.ts";
import { identityWithoutPolicy } from "./rules/identity-without-policy.ts";
import { kubernetesDeadline } from "./rules/kubernetes-deadline.ts";
import { kubernetesEnvSecret } from "./rules/kubernetes-env-secret.ts";
import { kubernetesHostAccess } from "./rules/kubernetes-host-access.ts";
import { kubernetesImagePinned } from "./rules/kubernetes-image-pinned.ts";
import { kubernetesImageVulnerable } from "./rules/kubernetes-image-vulnerable.ts";
import { kubernetesNonRoot } from "./rules/kubernetes-non-root.ts";
import { kubernetesPodSecurity } from "./rules/kubernetes-pod-security.ts";
import { kubernetesPrivileges } from "./rules/kubernetes-privileges.ts";
import { kubernetesProbes } from "./rules/kubernetes-probes.ts";
import { kubernetesReadOnlyRoot } from "./rules/kubernetes-read-only-root.ts";
import { kubernetesResources } from "./rules/kubernetes-resources.ts";
import { kubernetesServiceAccountToken } from "./rules/kubernetes-service-account-token.ts";
import { kubernetesServiceExposure } from "./rules/kubernetes-service-exposure.ts";
import { kubernetesVolumeRetention } from "./rules/kubernetes-volume-retention.ts";
import { policyWithoutHolder } from "./rules/policy-without-holder.ts";
import { resourceUnread } from "./rules/resource-unread.ts";
import { serverStaleUploads } from "./rules/server-stale-uploads.ts";
import { serverTls } from "./rules/server-tls.ts";

/** Every policy rule, in the order of the documentation. */
export const rules: readonly Rule[] = [
  resourceUnread,
  bucketNaming,
  bucketTags,
  bucketRetention,
  bucketLifecycle,
  bucketNoncurrent,
  bucketLock,
  bucketVersioning,
  bucketImmutability,
  bucketProtection,
  bucketPurge,
  bucketQuota,
  bucketEncryption,
  serverTls,
  serverStaleUploads,
  bucketAnonymousWrite,
  bucketAnonymousRead,
  accessWildcard,
  accessAdministration,
  identityBuiltinPolicy,
  identityWithoutPolicy,
  policyWithoutHolder,
  identityDefault,
  identityRoot,
  kubernetesImagePinned,
  kubernetesImageVulnerable,
  kubernetesResources,
  kubernetesNonRoot,
  kubernetesPrivileges,
  kubernetesReadOnlyRoot,
  kubernetesHostAccess,
  kubernetesProbes,
  kubernetesDeadline,
  kubernetesEnvSecret,
  kubernetesServiceExposure,
  kubernetesVolumeRetention,
  kubernetesServiceAccountToken,
  kubernetesPodSecurity,
];
