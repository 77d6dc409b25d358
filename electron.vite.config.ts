import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'

const source = resolve(import.meta.dirname, 'src')

function modulesOf(folder: string): string[] {
  return readdirSync(join(source, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(source, folder, path))
}

export default defineConfig({
  main: {
    build: {
      // The first of the three to be built empties the folder for all.
      outDir: 'out',
      rolldownOptions: {
        // Every module is an entry and keeps its place, so that a module finds the worker beside it by its own extension.
        input: [...modulesOf('main'), ...modulesOf('model')],
        output: {
          preserveModules: true,
          preserveModulesRoot: source,
          entryFileNames: '[name].js',
        },
      },
    },
  },
  preload: {
    build: {
      // The contract that main uses lies there by now.
      emptyOutDir: false,
      // A sandboxed preload can require nothing but Electron.
      externalizeDeps: false,
      rolldownOptions: {
        input: `${source}/preload/index.ts`,
        output: { format: 'cjs', entryFileNames: 'index.cjs' },
      },
    },
  },
  renderer: {
    root: `${source}/renderer`,
    publicDir: resolve(import.meta.dirname, 'resources/icon'),
    build: { rolldownOptions: { input: `${source}/renderer/index.html` } },
    plugins: [vue()],
  },
})
