/** A Kubernetes object before it is made. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Those of some kinds, and the others. */
export function parted(manifests: readonly Manifest[], ...kinds: readonly string[]): [Manifest[], Manifest[]] {
  const isOf = ({ kind }: Manifest): boolean => kinds.includes(kind);
  return [manifests.filter(isOf), manifests.filter((each) => !isOf(each))];
}
