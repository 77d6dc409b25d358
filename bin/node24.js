// node bin/node24.js SCRIPT [ARGUMENTS]: runs a script of this repository on Node 24, whatever this machine's Node is.
import { launch } from './launch.js'

launch(process.argv.slice(2))
