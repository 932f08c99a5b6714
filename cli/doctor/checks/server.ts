import { join } from "node:path";
import { readableBytes } from "../../../config/values/readable-bytes.ts";
import { answerFault, codeOf } from "../../../live/faults.ts";
import { jsonIn } from "../../../live/json.ts";
import { fixesMark } from "../../../toolchain/go/minio/fixes/apply.ts";
import { whyOpen } from "../../../toolchain/pieces/open-servers.ts";
import { readPins } from "../../../toolchain/pins.ts";
import { forgedLine, untriedLine } from "../../../verify/forged/forged-words.ts";
import { verifyForged } from "../../../verify/forged/verify-forged.ts";
import { type Context, modelOf, serverOf } from "../context.ts";
import { note, right, type Seen, wrong } from "../finding.ts";
import { withClient } from "./credentials.ts";

/** One server of a cluster, as the admin API tells of it. */
interface Node {
  readonly endpoint?: string;
  readonly state?: string;
  readonly version?: string;
  readonly commitID?: string;
  readonly drives?: readonly Drive[];
}

interface Drive {
  readonly endpoint?: string;
  readonly state?: string;
  readonly totalspace?: number;
  readonly availspace?: number;
}

const SERVERS = "take a server that docs/servers.md has as closed";
/** Of a drive: with less an upload of usual size may fail. */
const LEAST_FREE = 0.05;
const LOW_FREE = 0.15;

/** Which server it is, and whether releases of its kind have known holes. */
export async function lookAtVersion(at: Context): Promise<Seen[]> {
  return withInfo(at, (nodes) => {
    const pins = readPins(join(at.root, "toolchain"));
    const mark = fixesMark(join(at.root, "toolchain", "go", "minio", "fixes"));
    const kinds = new Map(nodes.map((node) => [`${node.version}, commit ${node.commitID}`, node]));
    const offline = nodes
      .filter(({ state }) => state !== "online")
      .map(({ endpoint, state }) => wrong(`server ${endpoint} is ${state}`, "look at its log, and start it again"));
    return [
      ...[...kinds].map(([kind, { version = "", commitID = "" }]) => {
        const release = releaseOf(version);
        const open = whyOpen({ release, commit: commitID }, { silo: pins.silo.release, mark });
        return open === undefined
          ? right(`${kind}: no hole is known to be open`)
          : wrong(`the server ${open}`, SERVERS);
      }),
      ...offline,
    ];
  });
}

/** The admin API says the time of a release where `--version` says its tag. */
function releaseOf(version: string): string {
  return /^\d{4}-\d\d-\d\dT/.test(version) ? `RELEASE.${version.replaceAll(":", "-")}` : version;
}

/** The drives of the server: whether each is in use, and how much is free. */
export async function lookAtServerDisk(at: Context): Promise<Seen[]> {
  return withInfo(at, (nodes) => {
    const drives = nodes.flatMap(({ drives: all = [] }) => all);
    const bad = drives
      .filter(({ state }) => state !== "ok")
      .map(({ endpoint, state }) =>
        wrong(`drive ${endpoint} is ${state}`, "replace the drive, or mount it again; MinIO heals what it lacks"),
      );
    const known = drives.filter(({ totalspace = 0 }) => totalspace > 0);
    const least = known
      .map((drive) => ({ ...drive, free: (drive.availspace ?? 0) / (drive.totalspace ?? 1) }))
      .sort((a, b) => a.free - b.free)[0];
    return least === undefined ? [...bad, note("the server says nothing of its drives")] : [...bad, judgeSpace(least)];
  });
}

/** Pure. */
export function judgeSpace({ endpoint = "", availspace = 0, free }: Drive & { readonly free: number }): Seen {
  const seen = `${readableBytes(availspace)} (${Math.floor(free * 100)} %) free on drive ${endpoint}`;
  const cure = "free some space, or take a larger disk";
  if (free < LEAST_FREE) return wrong(seen, cure);
  return free < LOW_FREE ? note(seen, cure) : right(seen);
}

/** Forged requests, which a server with holes carries out: what they would store is invalid on purpose. */
export async function lookAtForged(at: Context): Promise<Seen[]> {
  const { findings, notTried, untried, tries } = await verifyForged(modelOf(at), serverOf(at));
  return [
    ...findings.map((each) => wrong(forgedLine(each).replace(/; docs\/servers.*$/, ""), SERVERS)),
    ...notTried.map((each): Seen => ({ state: "unknown", seen: untriedLine(each) })),
    ...untried.map((each) => note(untriedLine(each))),
    ...(findings.length + notTried.length === 0 ? [right(`none of ${tries} forged requests got in`)] : []),
  ];
}

/** A deployer needn't know such things: who may not ask is told which right it takes. */
async function withInfo(at: Context, say: (nodes: readonly Node[]) => Seen[]): Promise<Seen[]> {
  return withClient(at, async (client) => {
    const answer = await client.admin("info");
    if (codeOf(answer) === "AccessDenied")
      return [
        note("the credentials may not ask the server for it: admin:ServerInfo", "ask with root, or a user that has it"),
      ];
    const servers = answer.status === 200 ? jsonIn(answer.body)?.servers : undefined;
    if (!Array.isArray(servers))
      throw answerFault(answer, client.server, { what: "the server's own state", right: "admin:ServerInfo" });
    return say(servers as Node[]);
  });
}
