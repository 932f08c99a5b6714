/** The last release that MinIO published as an image; every one up to it is open. */
const LAST_MINIO = "RELEASE.2025-09-07T16-13-09Z";
/** The first release of Silo without the holes below. */
const SOUND_SILO = "RELEASE.2026-09-16T00-00-00Z";

interface Publisher {
  /** Host and path of the images; Docker Hub goes by several names, and by none. */
  readonly repository: RegExp;
  readonly isOpen: (release: string) => boolean;
  /** Whether tags that move (`latest`, or none) lead to an open release. */
  readonly movingIsOpen: boolean;
  readonly advisories: string;
}

const HUB = "(?:(?:docker\\.io|index\\.docker\\.io|registry-1\\.docker\\.io)/)?";

const PUBLISHERS: readonly Publisher[] = [
  {
    repository: new RegExp(`^(?:quay\\.io/|${HUB})minio/minio$`),
    isOpen: (release) => release <= LAST_MINIO,
    movingIsOpen: true,
    advisories: "CVE-2026-41145, CVE-2026-40344",
  },
  {
    repository: new RegExp(`^${HUB}pgsty/(?:silo|minio)$`),
    isOpen: (release) => release < SOUND_SILO,
    movingIsOpen: false,
    advisories: "SN-2026-011",
  },
];

/** An image of a server that accepts forged requests. */
export interface OpenImage {
  /** Under which names that is published. */
  readonly advisories: string;
}

/**
 * Whether an image is known to be of an open server. What isn't known, a digest alone or a registry of one's own for
 * example, is not judged: undefined.
 */
export function openImage(reference: string): OpenImage | undefined {
  const [named = "", digest] = reference.split("@");
  const [, repository = named, tag] = /^(.*?)(?::([^:/]+))?$/.exec(named) ?? [];
  const publisher = PUBLISHERS.find((each) => each.repository.test(repository));
  if (publisher === undefined || (tag === undefined && digest !== undefined)) return undefined;
  // Release tags sort by date; a suffix names a processor or a hotfix of the same release.
  const release = /^RELEASE\.[\dT-]+Z/.exec(tag ?? "")?.[0];
  const open = release === undefined ? publisher.movingIsOpen && isMoving(tag) : publisher.isOpen(release);
  return open ? { advisories: publisher.advisories } : undefined;
}

function isMoving(tag: string | undefined): boolean {
  return tag === undefined || tag === "latest" || tag === "edge";
}
