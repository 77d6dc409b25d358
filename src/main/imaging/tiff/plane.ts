/** Where a plane is. */
export interface Plane {
  /** Its file's place among those of the image. */
  file: number
  /** Its directory, in bytes from the file's start; undefined: found by its index. */
  directory: number | undefined
  /** Its place in the file's chain of directories. */
  index: number
  /** Bytes to add to the directory's offsets: ImageJ's large stacks have one directory for all planes. */
  shift: number
}
