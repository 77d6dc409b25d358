import { SegscopeError } from '../../model/errors.ts'
import { procedures } from './implementer.ts'

export const folders = procedures.folders.router({
  choose: procedures.folders.choose.handler(() => {
    throw new SegscopeError('not-built', 'Choosing is being built.')
  }),
  roots: procedures.folders.roots.handler(() => []),
  list: procedures.folders.list.handler(() => {
    throw new SegscopeError('not-built', 'Choosing is being built.')
  }),
  make: procedures.folders.make.handler(() => {
    throw new SegscopeError('not-built', 'Choosing is being built.')
  }),
})
