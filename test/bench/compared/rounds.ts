import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { CuttingProxy } from "../../support/cutting-proxy.ts";
import type { TestServer } from "../../support/minio.ts";
import { type Measured, measured } from "../measured.ts";
import type { Series, Size, Taken } from "../results/schema.ts";
import { wanted } from "./platform.ts";
import { type Ready, STEPS, type Step, type Tool } from "./tool.ts";

/** So many calls are counted: what grows in proportion needn't be counted further. */
const COUNTED = 100;

interface Prepared {
  readonly tool: Tool;
  readonly ready: Ready;
  readonly folder: string;
}

/**
 * Has each tool make, look at, change and remove so many buckets, one tool after the other on one server, as often as there are
 * rounds; another one is first each time. Before them a round that isn't timed fills caches and counts requests by a proxy,
 * which would slow what is timed.
 */
export async function compared(
  server: TestServer,
  tools: readonly Tool[],
  buckets: number,
  rounds: number,
): Promise<Size> {
  const target = { endpoint: server.endpoint, user: server.user, password: server.password };
  const prepared: Prepared[] = [];
  const taken = new Map<string, Taken[]>();
  const calls = new Map<string, number>();
  const states: Record<string, number> = {};
  const load: number[] = [];
  try {
    for (const tool of tools.filter(({ most }) => buckets <= most)) {
      const folder = mkdtempSync(join(tmpdir(), "bucketworks-bench-"));
      prepared.push({ tool, folder, ready: await tool.prepare(folder, target) });
    }
    if (buckets <= COUNTED) {
      const proxy = await CuttingProxy.before(server.url);
      try {
        for (const each of prepared) await counted(each, proxy);
      } finally {
        proxy.stop();
      }
    }
    for (let round = 0; round < rounds; round += 1) {
      load.push(Math.round((loadavg()[0] ?? 0) * 10) / 10);
      const first = round % prepared.length;
      for (const each of [...prepared.slice(first), ...prepared.slice(0, first)]) await timed(each);
    }
  } finally {
    for (const { ready, folder } of prepared) {
      await ready.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const series = prepared.flatMap(({ tool }) =>
    STEPS.flatMap((step): Series[] => {
      const rounds = taken.get(key(tool, step));
      return rounds ? [{ tool: tool.name, step, rounds, calls: calls.get(key(tool, step)) ?? null }] : [];
    }),
  );
  return { buckets, on: new Date().toISOString().slice(0, 10), load, series, states };

  async function counted(each: Prepared, proxy: CuttingProxy): Promise<void> {
    let requests = 0;
    proxy.cut = () => {
      requests += 1;
      return undefined;
    };
    await eachStep(each, { ...target, endpoint: proxy.endpoint }, (step) => {
      calls.set(key(each.tool, step), requests);
      requests = 0;
    });
  }

  async function timed(each: Prepared): Promise<void> {
    await eachStep(each, target, (step, took) => {
      const all = taken.get(key(each.tool, step)) ?? [];
      taken.set(key(each.tool, step), [...all, rounded(took)]);
      const bytes = step === "create" ? each.ready.stateBytes() : undefined;
      if (bytes !== undefined) states[each.tool.name] = bytes;
    });
  }

  async function eachStep(
    { tool, ready }: Prepared,
    at: typeof target,
    done: (step: Step, took: Measured) => void,
  ): Promise<void> {
    for (const step of STEPS) {
      const changed = step === "change" || step === "destroy";
      const command = ready.command(step, at, wanted(buckets, prefixOf(tool), changed));
      if (command === undefined) continue;
      const took = await measured(server.pid, command);
      done(step, took);
      const words = [took.seconds, took.cpuSeconds].map((seconds) => `${seconds.toFixed(1)} s`);
      process.stderr.write(`${buckets} buckets, ${tool.name}: ${step} ${words.join(", processors ")}\n`);
    }
  }
}

const key = ({ name }: Tool, step: Step): string => `${name}/${step}`;

const prefixOf = ({ name }: Tool): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");

/** As exact as a figure of a machine that does other things can be. */
export function rounded({ seconds, cpuSeconds, serverSeconds, family }: Measured): Taken {
  const [took, cpu, ofServer] = [seconds, cpuSeconds, serverSeconds].map((figure) => Math.round(figure * 100) / 100);
  return { seconds: took ?? 0, cpuSeconds: cpu ?? 0, serverSeconds: ofServer ?? 0, memory: Math.round(family) };
}
