import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { createInterface } from "node:readline";
import { KubeConfig } from "@kubernetes/client-node";
import { describe, expect, test } from "vitest";
import { CommandError, EXIT } from "../../cli/ending/exit.ts";
import { listen } from "../../cli/forward/listen.ts";
import { runBeside } from "../../cli/forward/run-beside.ts";
import { freePort } from "../support/minio.ts";
import { ROOT, tool } from "../support/toolchain.ts";

/** Says which signals it got, and ends a moment after the first with the code 7. */
const COMMAND = `
const ended = (signal) => { console.log(signal); setTimeout(() => process.exit(7), 300); };
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, ended);
setInterval(() => undefined, 1000);
console.log("ready");`;

/** Beside a forwarded port, in a process group of its own as a shell starts it at a terminal. */
function beside(command: string): ChildProcess {
  const program = `import { listenForSignals } from ${JSON.stringify(`${ROOT}cli/ending/signals.ts`)};
import { runBeside } from ${JSON.stringify(`${ROOT}cli/forward/run-beside.ts`)};
listenForSignals();
process.exitCode = await runBeside(["node", "-e", ${JSON.stringify(command)}]);`;
  const env = { PATH: `${tool("node").replace(/\/node$/, "")}:${process.env.PATH}` };
  return spawn(tool("node"), ["--input-type=module", "-e", program], { detached: true, stdio: "pipe", env });
}

/** What the command said once the signal was sent, and the exit code of the whole. */
async function signalled(send: (pid: number) => void): Promise<{ said: string[]; code: number | null }> {
  const child = beside(COMMAND);
  const ended = once(child, "close") as Promise<[number | null]>;
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
    if (line === "ready") send(Number(child.pid));
    else said.push(line);
  }
  return { said, code: (await ended)[0] };
}

describe("a command beside a forwarded port", () => {
  test("is interrupted once by Ctrl-C, which a terminal sends to both: a second one makes Pulumi lose resources", async () => {
    expect(await signalled((pid) => process.kill(-pid, "SIGINT"))).toEqual({ said: ["SIGINT"], code: 7 });
  });

  test.each(["SIGTERM", "SIGHUP"] as const)("is told %s by us, whom alone it reached", async (signal) => {
    expect(await signalled((pid) => process.kill(pid, signal))).toEqual({ said: [signal], code: 7 });
  });

  test("gives its exit code, or that of the signal that ended it", async () => {
    expect((await once(beside("process.exit(5)"), "close"))[0]).toBe(5);
    expect((await once(beside("process.kill(process.pid, 'SIGKILL')"), "close"))[0]).toBe(137);
  });

  test("that there isn't is one sentence", async () => {
    await expect(runBeside(["no-such-command", "x"])).rejects.toThrow(
      new CommandError("forward: can't run no-such-command: there is no such command on PATH", EXIT.wrongUse),
    );
  });
});

describe("what keeps connections from the cluster is said once, however many try:", () => {
  /** What is said while two connections are tried. */
  async function saidOf(server: string): Promise<(string | undefined)[]> {
    const config = new KubeConfig();
    config.loadFromClusterAndUser({ name: "cluster", server, skipTLSVerify: true }, { name: "nobody" });
    const said: (string | undefined)[] = [];
    const port = await freePort();
    const target = { namespace: "mlops", service: "minio-service", port: 9000 };
    const listener = await listen(config, target, port, (reason) => said.push(reason));
    for (let tries = 0; tries < 2; tries++) await once(connect(port, "127.0.0.1"), "close");
    listener.close();
    return said;
  }

  test("no API server", async () => {
    const port = await freePort();
    expect(await saidOf(`https://127.0.0.1:${port}`)).toEqual([`connect ECONNREFUSED 127.0.0.1:${port}`]);
  });

  test("a right that is missing, in the words of the API server", async () => {
    const message = 'services "minio-service" is forbidden: User "nobody" cannot get resource "services"';
    const api = createServer((_, response) => {
      response.writeHead(403, { "content-type": "application/json" }).end(JSON.stringify({ kind: "Status", message }));
    });
    await once(api.listen(0, "127.0.0.1"), "listening");
    const said = await saidOf(`http://127.0.0.1:${(api.address() as AddressInfo).port}`);
    api.close();
    expect(said).toEqual([message]);
  });
});
