import { SegscopeError } from '../../model/errors.ts'
import type { ObjectMeasurement } from '../../model/prediction/measurements.ts'
import type { Result, ResultClass, ResultImage, ResultObject } from '../../preload/contract/results.ts'
import {
  type SegmentationRequest,
  segmentationRequestSchema,
  type Splitting,
} from '../../preload/contract/segmentation.ts'
import type { ImageRecord } from '../database/repositories/images.ts'
import type { ResultImageRecord, ResultRecord } from '../database/repositories/results.ts'
import { compareNaturally } from '../imaging/list-images.ts'
import { networkClassValues } from './network-class-values.ts'
import type { Project } from './project.ts'

/** Of classes that the project does not have; as people with any colour blindness can tell them apart (Okabe & Ito, 2008). */
const foreignColours = ['#56B4E9', '#CC79A7', '#F0E442', '#0072B2', '#D55E00', '#009E73', '#E69F00']

/** Results as lists and pages show them, those worked on last first. */
export function resultRows(project: Project): Result[] {
  return project.results.all().map((record) => resultRow(project, record))
}

/** The images of a result, in the natural order of their names. */
export function resultImages(project: Project, result: number): ResultImage[] {
  return project.results
    .images(result)
    .map(({ result: _, image, ...row }) => ({ ...row, image: image ?? null }))
    .sort((one, other) => compareNaturally(one.path, other.path))
}

/** Which value of the project's labels each class of the network stands for; UNLABELLED where it has none. */
export function classValuesOf(project: Project, { checkpoint, classNames }: ResultRecord): number[] {
  const { experiment } = project.checkpoints.find(checkpoint) ?? { experiment: undefined }
  return networkClassValues(project, { experiment }, classNames)
}

/** @throws SegscopeError `result-unknown` */
export function requireResult(project: Project, id: number): ResultRecord {
  const found = project.results.find(id)
  if (found !== undefined) return found
  throw new SegscopeError('result-unknown', `The project has no result ${id}.`, {
    remedy: 'It was taken off the list; look at the list again.',
  })
}

export interface ResultPlane extends ResultImageRecord {
  image: number
  record: ImageRecord
}

/**
 * A page of a segmented image, with the project's image.
 * @throws SegscopeError `result-unknown`; `image-not-in-project`
 */
export function requireResultPlane(
  project: Project,
  { id, page }: { id: number; page: number },
): ResultPlane {
  const found = project.results.findImage(id)
  if (found === undefined) {
    throw new SegscopeError('result-unknown', `The project has no result of an image ${id}.`, {
      remedy: 'It was taken off the list; look at the list again.',
    })
  }
  const record = found.image === undefined ? undefined : project.images.find(found.image)
  if (record === undefined || page >= record.pages) {
    throw new SegscopeError(
      'image-not-in-project',
      'The project does not have this image, or this page of it.',
      {
        file: found.path,
        remedy: 'Add the image to the project to review its result.',
      },
    )
  }
  return { ...found, image: record.id, record }
}

/**
 * Keeps how the objects of a result are split, as part of what was asked for.
 * @throws SegscopeError `result-unknown`
 */
export function setSplitting(project: Project, id: number, splitting: Splitting): void {
  const { request } = requireResult(project, id)
  project.results.setRequest(id, JSON.stringify({ ...requestOf(request), splitting }))
}

/** What was asked for. */
export function requestOf(json: string): SegmentationRequest {
  return segmentationRequestSchema.parse(JSON.parse(json))
}

/** Measured objects as the contract has them. */
export function objectRows(objects: readonly ObjectMeasurement[]): ResultObject[] {
  return objects.map((object, index) => ({
    number: index + 1,
    classIndex: object.classValue,
    first: object.first,
    ...(object.splitFrom !== undefined && { splitFrom: object.splitFrom }),
    area: object.area,
    centroid: object.centroid,
    box: object.boundingBox,
    perimeter: object.perimeter,
    circularity: orNull(object.circularity),
    eccentricity: object.eccentricity,
    touchesEdge: object.touchesBorder,
    intensities: object.intensities.map(({ mean, minimum, maximum, standardDeviation }) => ({
      mean: orNull(mean),
      minimum: orNull(minimum),
      maximum: orNull(maximum),
      deviation: orNull(standardDeviation),
    })),
  }))
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

function resultRow(project: Project, record: ResultRecord): Result {
  const { id, checkpoint, outFolder, state, updated, total, unseen, accepted, rejected } = record
  const name = project.checkpoints.find(checkpoint)?.name
  return {
    id,
    checkpoint,
    ...(name !== undefined && { checkpointName: name }),
    outFolder,
    request: requestOf(record.request),
    state,
    updated,
    total,
    unseen,
    accepted,
    rejected,
    classes: resultClasses(project, record),
  }
}

/** The classes of the network that made a result, as the project calls and colours them where it has them. */
export function resultClasses(project: Project, record: ResultRecord): ResultClass[] {
  const classes = project.information.classes()
  const values = classValuesOf(project, record)
  return record.classNames.map((className, index) => {
    const own = classes.find(({ value }) => value === values[index])
    // An outline, whose objects are not those of the class that it stands for.
    const isPart = own !== undefined && values.indexOf(own.value) < index
    const foreign = foreignColours[index % foreignColours.length] ?? '#808080'
    return {
      name: isPart ? `${own.name} (${className})` : (own?.name ?? className),
      value: own?.value ?? null,
      colour: isPart ? foreign : (own?.colour ?? foreign),
    }
  })
}
