import type { BucketSettings, Declared, PolicyDocument } from "../provider/bucket-types.ts";
import type { KubernetesKind, NamespaceFacts, ServiceFacts, WorkloadFacts } from "./facts/kubernetes.ts";

/** A value that a preview doesn't know yet: no rule may pass or fail on it. */
export class Unknown {
  /** Says which value it is. */
  readonly reason: Error;

  constructor(reason: Error) {
    this.reason = reason;
  }
}

/** What a place can't tell at all: a spec knows no root user. */
export const notHere = Symbol("not here");

export type Fact<T> = T | Unknown | typeof notHere;

/** Facts as a place tells them; a rule sees the ones it needs, once all of those are known. */
export type Facts<T> = { readonly [K in keyof T]: Fact<T[K]> };

/** What a finding is about. Names are those on the server, of service accounts and workloads those in the spec. */
export interface Subject {
  readonly kind:
    | "resource"
    | "bucket"
    | "policy"
    | "group"
    | "user"
    | "service account"
    | "server"
    | "workload"
    | KubernetesKind;
  readonly name: string;
  /** Of the resource, where there is one. */
  readonly urn?: string | undefined;
}

/** One bucket with everything S3 shall know about it. */
export interface BucketFacts {
  readonly name: string;
  readonly versioning: BucketSettings["versioning"];
  readonly tags: BucketSettings["tags"];
  readonly lifecycle: BucketSettings["lifecycle"];
  readonly objectLock: BucketSettings["objectLock"];
  readonly encryption: BucketSettings["encryption"];
  readonly policy: BucketSettings["policy"];
  readonly quota: BucketSettings["quota"];
  /** What the spec says and the server can't hold. */
  readonly declared: Declared;
  /** The engine refuses to delete it. */
  readonly protect: boolean;
}

/** What some identity may do: an IAM policy, or the document of a service account. */
export interface GrantFacts {
  readonly document: PolicyDocument;
}

/** A resource of another program that is about storage, by what it is alone. */
export interface ResourceFacts {
  /** Pulumi's type. */
  readonly type: string;
}

export interface Attachment {
  readonly holder: "user" | "group";
  readonly name: string;
  readonly policy: string;
}

/** What only the identities of a stack together show. */
export interface StackFacts {
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly policies: readonly { readonly name: string; readonly document: PolicyDocument }[];
  readonly attachments: readonly Attachment[];
  readonly memberships: readonly { readonly user: string; readonly group: string }[];
  readonly serviceAccounts: readonly {
    readonly name: string;
    readonly user: string;
    readonly document: PolicyDocument;
  }[];
  /** URL of each server. */
  readonly servers: readonly string[];
  /** Access keys of the deploying identities. */
  readonly deployers: readonly string[];
  /** Servers that the stack itself deploys on Kubernetes, by namespace and name. */
  readonly deployed: readonly { readonly name: string; readonly staleUploadsExpiry: string | undefined }[];
}

/** What rules judge one by one, each before it is made. */
export interface SingleFacts {
  readonly resource: ResourceFacts;
  readonly bucket: BucketFacts;
  readonly grant: GrantFacts;
  readonly workload: WorkloadFacts;
  readonly service: ServiceFacts;
  readonly namespace: NamespaceFacts;
}

/** One thing to judge: who it is, and what is known of it. */
export interface Case<F> {
  readonly subject: Subject;
  readonly facts: Facts<F>;
}

/** Everything that the rules judge. */
export type Judged = { readonly [K in keyof SingleFacts]: readonly Case<SingleFacts[K]>[] } & {
  readonly stack: Facts<StackFacts>;
};
