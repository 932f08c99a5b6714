import type { Framework } from "./rule.ts";

const SAFEGUARDS = {
  "3.3": "configure data access control lists",
  "3.4": "enforce data retention",
  "3.5": "securely dispose of data",
  "3.7": "establish and maintain a data classification scheme",
  "3.10": "encrypt sensitive data in transit",
  "3.11": "encrypt sensitive data at rest",
  "4.7": "manage default accounts on enterprise assets and software",
  "5.4": "restrict administrator privileges to dedicated administrator accounts",
  "6.8": "define and maintain role-based access control",
  "11.3": "protect recovery data",
} as const;

/** A safeguard of the CIS Critical Security Controls. @see https://www.cisecurity.org/controls/v8 */
export function cis(reference: keyof typeof SAFEGUARDS): Framework {
  return { name: "CIS Controls", version: "8", reference, specification: SAFEGUARDS[reference] };
}

const RECOMMENDATIONS = {
  "5.1.6": "ensure that service account tokens are only mounted where necessary",
  "5.2.1": "ensure that the cluster has at least one active policy control mechanism in place",
  "5.2.7": "minimize the admission of root containers",
  "5.2.9": "minimize the admission of containers with capabilities assigned",
  "5.2.11": "minimize the admission of hostPath volumes",
  "5.4.1": "prefer using Secrets as files over Secrets as environment variables",
} as const;

/** A recommendation of the CIS Kubernetes Benchmark. @see https://www.cisecurity.org/benchmark/kubernetes */
export function cisKubernetes(reference: keyof typeof RECOMMENDATIONS): Framework {
  return { name: "CIS Kubernetes Benchmark", version: "1.12", reference, specification: RECOMMENDATIONS[reference] };
}

const HARDENING = {
  "Immutable container file systems": "keep a container from changing its own file system",
  "Resource policies": "limit what a workload takes of processor and memory",
} as const;

/**
 * A section of the Kubernetes Hardening Guidance of NSA and CISA.
 * @see https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
 */
export function nsa(reference: keyof typeof HARDENING): Framework {
  return {
    name: "NSA/CISA Kubernetes Hardening Guidance",
    version: "1.2",
    reference,
    specification: HARDENING[reference],
  };
}
