import { z } from "zod";

/** What the parts of the resolved model are made of. */
export const text = z.string();
export const texts = z.array(z.string()).readonly();
export const textByName = z.record(z.string(), z.string()).readonly();
export const days = z.number();

/** An object of the model: none of it is changed once it is there. */
export const object = <T extends z.core.$ZodLooseShape>(shape: T) => z.object(shape).readonly();
export const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();
