import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { problemSchema, procedure, withoutInput } from './base.ts'
import { packageSourceSchema } from './settings.ts'

const nameSchema = z.string().min(1).max(60)

/** What engines are called outside of our code, by their names. */
export const engineTitles: Readonly<Record<string, string>> = {
  onnxruntime: 'ONNX Runtime',
  'onnxruntime-webgpu': 'ONNX Runtime on the GPU',
  'onnxruntime-directml': 'ONNX Runtime by DirectML',
  tensorflow: 'TensorFlow',
}

/** How quick an engine is on this computer. */
export const engineFiguresSchema = z.object({
  name: nameSchema,
  version: z.string(),
  /** 'cpu', 'gpu', ... as the engine names it. */
  device: z.string(),
  threads: z.number(),
  /** Of 8 patches of 128 x 128, by the network that training usually makes; medians. */
  forwardMilliseconds: z.number(),
  /** Absent where it does not train. */
  stepMilliseconds: z.number().optional(),
  /** ISO 8601, UTC. */
  measured: z.string(),
})
export type EngineFigures = z.infer<typeof engineFiguresSchema>

/** Why an engine cannot be used on this computer: it does not load, or computes wrongly. */
export const engineFailureSchema = z.object({
  name: nameSchema,
  version: z.string(),
  problem: problemSchema,
  /** ISO 8601, UTC. */
  measured: z.string(),
})
export type EngineFailure = z.infer<typeof engineFailureSchema>

export const engineMeasurementSchema = z.union([engineFiguresSchema, engineFailureSchema])
export type EngineMeasurement = z.infer<typeof engineMeasurementSchema>

/** What computes, and why, as sentences. */
export const engineChoiceSchema = z.strictObject({ engine: nameSchema, reason: z.string() })

const variantSchema = z.enum(['cpu', 'gpu'])

/** TensorFlow's runtime: what is installed, and what an installation under way is doing. */
export const runtimeSchema = z.strictObject({
  installed: z
    .strictObject({
      version: z.string(),
      variant: variantSchema,
      bytes: z.number(),
      folder: z.string(),
    })
    .optional(),
  installing: z
    .strictObject({
      variant: variantSchema,
      /** 0 to 1, of what the label says. */
      fraction: z.number().min(0).max(1),
      label: z.string(),
    })
    .optional(),
  /** Why the last installation failed. */
  problem: problemSchema.optional(),
})
export type Runtime = z.infer<typeof runtimeSchema>

export const enginesSchema = z.strictObject({
  /** What trains now. */
  training: engineChoiceSchema,
  /** What predicts and segments now. */
  prediction: engineChoiceSchema,
  /** All there are. */
  engines: z.array(
    z.strictObject({
      name: nameSchema,
      /** What it needs is on this computer. */
      installed: z.boolean(),
      /** Where it was measured here. */
      figures: engineFiguresSchema.optional(),
      /** Why it cannot be used. */
      problem: problemSchema.optional(),
    }),
  ),
  /** The one that is being measured. */
  measuring: z.strictObject({ name: nameSchema, fraction: z.number().min(0).max(1) }).optional(),
  runtime: runtimeSchema,
})
export type Engines = z.infer<typeof enginesSchema>

const installationSchema = z.strictObject({
  variant: variantSchema,
  /** null: the usual one. */
  source: packageSourceSchema.nullable(),
})

/** What would be installed. */
export const installationPlanSchema = z.strictObject({
  version: z.string(),
  variant: variantSchema,
  /** Undefined where the index does not tell. */
  downloadBytes: z.number().optional(),
  /** About, when it is installed. */
  diskBytes: z.number().optional(),
  folder: z.string(),
  /** Whether this is what is installed. */
  isInstalled: z.boolean(),
})
export type InstallationPlan = z.infer<typeof installationPlanSchema>

/** What computes. */
export const engines = {
  /** Now, and whenever something of it changes, ten times a second at most. */
  watch: withoutInput.output(eventIterator(enginesSchema)),
  /** Measures one, under the limits that hold, and keeps what it gives; ends with it. */
  measure: procedure.input(z.strictObject({ name: nameSchema })),
  /** What installing TensorFlow would fetch, from the Python package index; nothing is fetched. */
  planInstallation: procedure.input(installationSchema).output(installationPlanSchema),
  /** Begins to install TensorFlow; how it goes is watched. Then it is measured. Where it came from is kept in the settings. */
  install: procedure.input(installationSchema),
  /** What was downloaded is kept for the next try. */
  cancelInstallation: withoutInput,
  removeRuntime: withoutInput,
}
