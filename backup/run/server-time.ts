import { HeadBucketCommand } from "@aws-sdk/client-s3";
import type { Connection } from "../../provider/server/connection.ts";

/** What the clock of a server says, in whole seconds: versions carry its times, ours may differ. */
export async function serverTime({ s3, signal }: Connection, bucket: string): Promise<Date> {
  const command = new HeadBucketCommand({ Bucket: bucket });
  let date: string | undefined;
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      date = (result.response as { headers?: Record<string, string> }).headers?.date;
      return result;
    },
    { step: "deserialize", name: "readDate" },
  );
  await s3.send(command, { abortSignal: signal });
  const time = new Date(date ?? "");
  if (Number.isNaN(time.getTime())) throw new Error("the server's answer has no date");
  return time;
}
