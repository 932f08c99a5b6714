import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { LocalProject } from "./local-project.ts";
import { freePort } from "./minio.ts";
import { plainShell } from "./project-copy.ts";
import { ROOT } from "./toolchain.ts";

/** What this test has nothing to do with, and what would be told for this machine's own sake. */
const LEFT_OUT = ["mlflow", "model_api", "jupyter"];

const PROGRAMS = [
  ...["prometheus", "alertmanager", "node_exporter", "postgres_exporter"],
  ...["log_store", "log_shipper", "logs"],
] as const;

/**
 * A copy of the project with its five platforms as they are, but quick: metrics are read each second, alerts wait for
 * nothing, messages neither.
 */
export class WatchedProject {
  readonly project: LocalProject;
  readonly ports: Readonly<Record<(typeof PROGRAMS)[number], number>>;
  readonly platforms: readonly string[];

  private constructor(project: LocalProject, ports: WatchedProject["ports"], platforms: readonly string[]) {
    this.project = project;
    this.ports = ports;
    this.platforms = platforms;
  }

  static async make(): Promise<WatchedProject> {
    const project = await LocalProject.make();
    const folder = join(project.checkout.root, "config", "platforms");
    rmSync(project.spec);
    const files = readdirSync(join(ROOT, "config", "platforms")).filter((name) => name.endsWith(".yaml"));
    for (const file of files) {
      const text = readFileSync(join(ROOT, "config", "platforms", file), "utf8");
      writeFileSync(join(folder, file), quick(text));
    }
    const ports = Object.fromEntries(await Promise.all(PROGRAMS.map(async (name) => [name, await freePort()])));
    for (const name of PROGRAMS) project.ports[`BUCKETWORKS_${name.toUpperCase()}_PORT`] = String(ports[name]);
    project.ports.BUCKETWORKS_POSTGRES_PORT = String(await freePort());
    return new WatchedProject(project, ports, files.map((file) => file.replace(".yaml", "")).sort());
  }

  /** Folder of files with metrics that node_exporter reads. */
  get textfiles(): string {
    return join(this.project.checkout.services, "node_exporter", "textfile");
  }

  /** Sets settings of the stack dev, encrypted where they begin with `secret:`. */
  set(settings: Readonly<Record<string, string>>): void {
    const words = Object.entries(settings).map(([path, value]) => {
      const secret = value.startsWith("secret:");
      return `--${secret ? "secret" : "plaintext"} 'alerts.${path}=${secret ? value.slice("secret:".length) : value}'`;
    });
    this.shell(`pulumi config set-all --stack dev --path ${words.join(" ")}`);
  }

  /** Runs a command with the settings of the checkout; answers what it printed. */
  shell(command: string): string {
    const { root } = this.project.checkout;
    const { status, stdout, stderr } = spawnSync("sh", ["-c", `. toolchain/env.sh && ${command}`], {
      cwd: root,
      env: plainShell(),
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  }

  /** How many series a query has now, and the value of the first. */
  async query(text: string): Promise<{ readonly series: number; readonly value: number }> {
    const url = `http://127.0.0.1:${this.ports.prometheus}/api/v1/query?query=${encodeURIComponent(text)}`;
    const answer = (await (await fetch(url)).json()) as Answer;
    if (answer.status !== "success") throw new Error(`${text}: ${answer.error}`);
    const [first] = answer.data.result;
    return { series: answer.data.result.length, value: Number(first?.value[1]) };
  }

  async remove(): Promise<void> {
    this.project.bucketworks("services", "down");
    this.project.bucketworks("down");
    await this.project.remove();
  }
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

function quick(text: string): string {
  const document = parseDocument(text);
  for (const each of LEFT_OUT) document.deleteIn(["services", each]);
  // Dealt by the model API.
  document.delete("experiments");
  document.setIn(["services", "prometheus"], { scrape_interval: "1s" });
  document.setIn(["services", "alertmanager"], { group_wait: "1s", group_interval: "1s" });
  document.setIn(["alerting"], { failures: { for_minutes: 0 }, machine: { free_percent: 1 } });
  return document.toString();
}
