import { Command } from "commander";
import { downCommand } from "./services/down.ts";
import { loginCommand } from "./services/login.ts";
import { logsCommand } from "./services/logs.ts";
import { restartCommand } from "./services/restart.ts";
import { statusCommand } from "./services/status.ts";
import { upCommand } from "./services/up.ts";

/** `bucketworks services`: the programs beside the platforms, on this machine. */
export function servicesCommand(): Command {
  const services = new Command("services").description(
    "programs beside the platforms: MLflow, model API, JupyterLab, logs, Prometheus",
  );
  for (const command of [upCommand(), downCommand(), statusCommand(), logsCommand(), restartCommand(), loginCommand()])
    services.addCommand(command);
  return services;
}
