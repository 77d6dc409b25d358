#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
import { launch, runsTypeScript } from './launch.js'

const commandLine = new URL('../src/main/cli.ts', import.meta.url)

if (runsTypeScript()) await import(commandLine)
else launch([fileURLToPath(commandLine), ...process.argv.slice(2)])
