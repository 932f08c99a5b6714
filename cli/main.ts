import { listenForSignals } from "./ending/signals.ts";
import { end, run } from "./run.ts";
import { allowClosedPipe } from "./terminal/print.ts";

listenForSignals();
allowClosedPipe();
// What is thrown beside the command, by a stream for example, ends in the same words.
process.on("uncaughtException", (error) => {
  end(error);
  process.exit();
});
await run(process.argv.slice(2));
