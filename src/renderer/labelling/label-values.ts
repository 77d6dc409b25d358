/** What a label tile says of a pixel that nobody labelled. */
export const UNLABELLED = 255
/** The class that is always there: somebody looked, and there is nothing. */
export const BACKGROUND = 0
