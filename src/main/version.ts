import packageInformation from '../../package.json' with { type: 'json' }

/** The version of this Segscope, written into databases and checkpoints. */
export const segscopeVersion = packageInformation.version
