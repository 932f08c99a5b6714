// Takes connections to a port of the host's loopback to the API server inside the node's network namespace, in which this
// process runs: the listening socket was made outside and handed in. It ends with the node's process namespace.
import { connect, type Server } from "node:net";
import { API_PORT } from "./addresses.ts";

process.once("message", (_message, server) => {
  (server as Server).on("connection", (client) => {
    const api = connect(API_PORT, "127.0.0.1");
    const end = () => {
      client.destroy();
      api.destroy();
    };
    client.on("error", end).on("close", end);
    api.on("error", end).on("close", end);
    client.pipe(api).pipe(client);
  });
  process.send?.("ready", () => process.disconnect());
});
