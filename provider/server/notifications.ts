import {
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  type Event as SdkEvent,
} from "@aws-sdk/client-s3";
import { targetArn, targetOf } from "../../config/values/notifications.ts";
import type { Notification } from "../bucket-types.ts";
import type { Connection } from "./connection.ts";

/** Whom MinIO tells of objects of the bucket. It leaves out rules whose target it no longer has. */
export async function readNotifications({ s3, signal }: Connection, Bucket: string): Promise<Notification[]> {
  const command = new GetBucketNotificationConfigurationCommand({ Bucket });
  const { QueueConfigurations = [] } = await s3.send(command, { abortSignal: signal });
  return QueueConfigurations.map(({ QueueArn, Events, Filter }) => {
    const filter = new Map(Filter?.Key?.FilterRules?.map(({ Name, Value }) => [Name?.toLowerCase(), Value]));
    const [prefix, suffix] = [filter.get("prefix"), filter.get("suffix")];
    return {
      target: targetOf(QueueArn ?? ""),
      events: [...(Events ?? [])],
      ...(prefix && { prefix }),
      ...(suffix && { suffix }),
    };
  });
}

/** Replaces all of them. The server refuses the whole where it doesn't know one target. */
export async function writeNotifications(
  { s3, signal }: Connection,
  Bucket: string,
  notifications: readonly Notification[],
): Promise<void> {
  const QueueConfigurations = notifications.map(({ target, events, prefix, suffix }) => {
    const rules = [
      ...(prefix ? [{ Name: "prefix" as const, Value: prefix }] : []),
      ...(suffix ? [{ Name: "suffix" as const, Value: suffix }] : []),
    ];
    return {
      QueueArn: targetArn(target),
      Events: events as SdkEvent[],
      ...(rules.length > 0 && { Filter: { Key: { FilterRules: rules } } }),
    };
  });
  const NotificationConfiguration = QueueConfigurations.length === 0 ? {} : { QueueConfigurations };
  const command = new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration });
  await s3.send(command, { abortSignal: signal });
}
