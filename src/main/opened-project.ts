import type { Project } from './services/project.ts'
import { LabelStore } from './services/label-store.ts'
import { ProjectClasses } from './services/project-classes.ts'

/** What a page works with while a project is open. */
export class OpenedProject {
  readonly project: Project
  readonly classes: ProjectClasses
  readonly labels: LabelStore

  constructor(project: Project) {
    this.project = project
    this.classes = new ProjectClasses(project)
    this.labels = new LabelStore(project)
  }

  close(): void {
    this.project.close()
  }
}
