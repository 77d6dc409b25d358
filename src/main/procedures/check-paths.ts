import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { SegscopeError } from '../../model/errors.ts'
import { pathSchema } from '../../preload/contract/base.ts'
import type { DoorFiles } from '../application.ts'

/**
 * Checks every path in a procedure's input: whatever the contract declares as `pathSchema`, wherever it stands. So no
 * procedure, and none that is added, has to think of it.
 * @throws SegscopeError `path-not-absolute`; `path-not-served` at a door that shows some folders only
 */
export async function checkPaths(files: DoorFiles, schema: unknown, input: unknown): Promise<void> {
  for (const path of pathsIn(schema, input)) {
    if (!isAbsolute(path)) {
      throw new SegscopeError('path-not-absolute', 'This path does not say where it begins.', {
        file: path,
        remedy: 'Give it in full, from the root folder or the drive.',
      })
    }
    if (files.kind === 'served folders') await files.folders.check(path)
  }
}

/** @param value as the schema has parsed it */
function* pathsIn(schema: unknown, value: unknown): Generator<string> {
  if (value === undefined || value === null) return
  if (schema === pathSchema) yield value as string
  else if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    yield* pathsIn(schema.unwrap(), value)
  else if (schema instanceof z.ZodArray) {
    for (const element of value as unknown[]) yield* pathsIn(schema.element, element)
  } else if (schema instanceof z.ZodUnion) {
    // A discriminated union is one, too: the options that the value fits are those that it was parsed by.
    for (const option of schema.options as z.ZodType[]) {
      if (option.safeParse(value).success) yield* pathsIn(option, value)
    }
  } else if (schema instanceof z.ZodObject) {
    for (const [key, property] of Object.entries(schema.shape)) {
      yield* pathsIn(property, (value as Record<string, unknown>)[key])
    }
  }
}
