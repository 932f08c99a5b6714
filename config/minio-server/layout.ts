/** MinIO spreads each object over a set of this many drives; parity takes half of it at most. */
const SMALLEST_SET = 4;
const LARGEST_SET = 16;
const FEWEST_SERVERS = 4;
const MOST_SERVERS = 32;

export interface Layout {
  readonly servers: number;
  /** Drives of each server. */
  readonly drives: number;
}

/** Drives of one erasure set, or null where MinIO finds no set that fits servers and drives alike. */
export function setSize({ servers, drives }: Layout): number | null {
  for (let size = LARGEST_SET; size >= SMALLEST_SET; size--) {
    if ((servers * drives) % size === 0 && isSymmetric(size, servers) && isSymmetric(size, drives)) return size;
  }
  return null;
}

/**
 * Why MinIO can't run on so many servers and drives, with the nearest it can; null where it can. One server with one
 * drive keeps data without redundancy, one server with several survives drives, four servers and more survive servers.
 * @see https://github.com/minio/minio/blob/master/docs/distributed/README.md
 */
export function layoutFault(layout: Layout): string | null {
  const { servers, drives } = layout;
  if (servers === 1 && drives === 1) return null;
  if (servers > 1 && servers < FEWEST_SERVERS) {
    return `${servers} servers can't lose one and still write: take 1, or ${FEWEST_SERVERS} and more`;
  }
  if (servers > MOST_SERVERS) return `${servers} servers are more than the ${MOST_SERVERS} of one pool`;
  if (setSize(layout) !== null) return null;
  const near = nearest(layout);
  return `${servers} servers with ${drives} drives each make ${servers * drives} drives, which no erasure set of ${SMALLEST_SET} to ${LARGEST_SET} divides evenly: take ${near.join(" or ")}`;
}

function isSymmetric(size: number, count: number): boolean {
  return count > size ? count % size === 0 : size % count === 0;
}

function nearest({ servers, drives }: Layout): string[] {
  const fits = (each: Layout): boolean => setSize(each) !== null;
  const moreDrives = range(drives + 1).find((each) => fits({ servers, drives: each }));
  const moreServers = range(Math.max(servers + 1, FEWEST_SERVERS)).find((each) => fits({ servers: each, drives }));
  return [
    ...(moreDrives === undefined ? [] : [`${servers} with ${moreDrives} each`]),
    ...(moreServers === undefined ? [] : [`${moreServers} with ${drives} each`]),
  ];
}

function range(first: number): number[] {
  return Array.from({ length: Math.max(0, MOST_SERVERS - first + 1) }, (_, index) => first + index);
}
