import type { LabelClass } from '../../preload/contract/classes.ts'
import type { Application } from '../application.ts'
import type { ProjectClass } from '../database/repositories/project-information.ts'
import { procedures } from './implementer.ts'

export const classes = procedures.classes.router({
  list: procedures.classes.list.handler(({ context }) =>
    toContract(context.application.requireOpened().classes.list()),
  ),
  add: procedures.classes.add.handler(({ context: { application }, input }) =>
    changed(application, application.requireOpened().classes.add(input.name, input.colour)),
  ),
  change: procedures.classes.change.handler(({ context: { application }, input: { value, ...change } }) =>
    changed(application, application.requireOpened().classes.change(value, change)),
  ),
  reorder: procedures.classes.reorder.handler(({ context: { application }, input }) =>
    changed(application, application.requireOpened().classes.reorder(input.values)),
  ),
  count: procedures.classes.count.handler(({ context, input }) => {
    const { project } = context.application.requireOpened()
    const maps = project.labels.mapsWithClass(input.value)
    const pixels = maps.map(
      ({ id }) => project.labels.counts(id).find(({ value }) => value === input.value)?.pixels ?? 0,
    )
    return {
      pixels: pixels.reduce((sum, each) => sum + each, 0),
      images: new Set(maps.map(({ image }) => image)).size,
    }
  }),
  remove: procedures.classes.remove.handler(({ context: { application }, input }) => {
    const { project, classes, labels } = application.requireOpened()
    const { left, planes } = project.transaction(() => ({
      left: classes.remove(input.value),
      planes: labels.removeClass(input.value),
    }))
    for (const { image, page, revision } of planes) {
      application.events.publish('project', { kind: 'labels-changed', image, page, revision })
    }
    if (planes.length > 0) {
      const ids = [...new Set(planes.map(({ image }) => image))]
      application.events.publish('project', { kind: 'images-updated', ids })
    }
    return changed(application, left)
  }),
})

function changed(application: Application, classes: readonly ProjectClass[]): LabelClass[] {
  application.events.publish('project', { kind: 'classes-changed' })
  return toContract(classes)
}

function toContract(classes: readonly ProjectClass[]): LabelClass[] {
  return classes.map(({ key, ...each }) => (key === null ? each : { ...each, key }))
}
