import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import { getMonitor } from "@pulumi/pulumi/runtime/settings.js";

/** What the engine is told of a resource. */
export interface Registration {
  readonly inputs: Record<string, unknown>;
  /** Logical names of what it waits for. */
  readonly dependencies: readonly string[];
  /** Stays in the world when it leaves the stack. */
  readonly retained: boolean;
  readonly protected: boolean;
  readonly timeouts: { readonly create: string; readonly update: string } | undefined;
}

/**
 * Mocks that keep, by logical name, what the arguments of a mock leave out: timeouts, dependencies, what stays.
 * @param stashed what an earlier update kept; absent is none before this one
 */
export async function recordRegistrations(stashed?: object): Promise<(name: string) => Registration> {
  const inputs = new Map<string, Record<string, unknown>>();
  const requests = new Map<string, RegisterResourceRequest>();
  const newResource = (made: pulumi.runtime.MockResourceArgs) => {
    inputs.set(made.name, made.inputs);
    const state =
      made.type === "pulumi:index:Stash" ? { ...made.inputs, output: stashed ?? made.inputs.input } : made.inputs;
    return { id: made.name, state };
  };
  await pulumi.runtime.setMocks({ newResource, call: ({ inputs: given }) => given }, "bucketworks", "dev");
  const monitor = getMonitor() as unknown as {
    registerResource: (request: RegisterResourceRequest, done: unknown) => unknown;
  };
  const register = monitor.registerResource.bind(monitor);
  Object.assign(monitor, {
    registerResource: (request: RegisterResourceRequest, done: unknown) => {
      requests.set(request.getName(), request);
      return register(request, done);
    },
    // The mocks know no hooks of resources.
    registerResourceHook: (_: unknown, done: (error: null) => void) => done(null),
  });
  return (name) => {
    const request = requests.get(name);
    if (request === undefined) throw new Error(`no ${name} among ${[...requests.keys()].join(", ")}`);
    const timeouts = request.getCustomtimeouts();
    return {
      inputs: inputs.get(name) ?? {},
      dependencies: request.getDependenciesList().map((urn) => urn.split("::").at(-1) ?? urn),
      retained: request.getRetainondelete() ?? false,
      protected: request.getProtect() ?? false,
      timeouts: timeouts && { create: timeouts.getCreate(), update: timeouts.getUpdate() },
    };
  };
}
