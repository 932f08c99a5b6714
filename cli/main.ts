import { allowClosedPipe } from "./print.ts";
import { run } from "./run.ts";

allowClosedPipe();
await run(process.argv.slice(2));
