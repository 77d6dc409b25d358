// The house's one rule of direction: renderer -> preload/contract <- main -> model. See docs/architecture.md.
const builtIns = { dependencyTypes: ['core'] }
const libraries = (names) => `(^|/)node_modules/(${names.join('|')})(/|$)`

/** Modules that a process, a page or a worker starts with, so that no other need import them. */
const processStarts = '^src/(main/(index|cli)|preload/index|renderer/main)\\.ts$|-(worker|process)\\.ts$'

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'model-stands-alone',
      severity: 'error',
      comment:
        'src/model may import src/model only. What it needs of files, windows or databases is handed to it: as an ' +
        'interface (ImageSource), a path, a function.',
      from: { path: '^src/model/' },
      to: { path: '^src/', pathNot: '^src/model/' },
    },
    {
      name: 'model-runs-in-any-node-process',
      severity: 'error',
      comment:
        "src/model may use Node's own modules and libraries for computing (onnxruntime-node, h5wasm, protobuf, zod). " +
        'Electron, SQLite, image formats, the command line and Vue belong to src/main and src/renderer.',
      from: { path: '^src/model/' },
      to: {
        path: libraries(['electron', 'better-sqlite3', 'commander', 'vue', 'sharp', 'geotiff', 'fast-png']),
      },
    },
    {
      name: 'main-knows-no-page',
      severity: 'error',
      comment: 'src/main may import src/main, src/model and src/preload/contract.',
      from: { path: '^src/main/' },
      to: { path: '^src/(renderer|preload)/', pathNot: '^src/preload/contract/' },
    },
    {
      name: 'electron-stays-at-its-door',
      severity: 'error',
      comment:
        'Only the Electron door (src/main/index.ts and src/main/desktop-door) may import electron: everything else also runs ' +
        'from the command line, where there is none.',
      from: { path: '^src/main/', pathNot: '^src/main/(index\\.ts$|desktop-door/)' },
      to: { path: libraries(['electron']) },
    },
    {
      name: 'onnx-runtime-without-telemetry',
      severity: 'error',
      comment:
        'Only src/model/engine/onnxruntime/library.ts may import onnxruntime-node: it forbids it to send anything.',
      from: { path: '^src/', pathNot: '^src/(model/engine/onnxruntime/library\\.ts$|renderer/)' },
      to: { path: libraries(['onnxruntime-node']) },
    },
    {
      name: 'commander-stays-at-its-door',
      severity: 'error',
      comment: 'Only src/main/cli.ts and src/main/commands may import commander.',
      from: { path: '^src/main/', pathNot: '^src/main/(cli\\.ts$|commands/)' },
      to: { path: libraries(['commander']) },
    },
    {
      name: 'contract-takes-types-only',
      severity: 'error',
      comment:
        'src/preload/contract may take types, and only types, from src/model (`import type`), and zod.',
      from: { path: '^src/preload/contract/' },
      to: { path: '^src/', pathNot: '^src/preload/contract/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'contract-knows-the-model-only',
      severity: 'error',
      comment:
        'src/preload/contract may take types from src/model, and nothing from src/main or src/renderer.',
      from: { path: '^src/preload/contract/' },
      to: { path: '^src/(main|renderer)/' },
    },
    {
      name: 'preload-hands-over-only',
      severity: 'error',
      comment: 'src/preload may import electron and its contract, nothing else.',
      from: { path: '^src/preload/', pathNot: '^src/preload/contract/' },
      to: { path: '^src/', pathNot: '^src/preload/' },
    },
    {
      name: 'page-talks-through-the-contract',
      severity: 'error',
      comment:
        'src/renderer may import src/renderer and src/preload/contract; the rest it asks for by messages.',
      from: { path: '^src/renderer/' },
      to: { path: '^src/', pathNot: '^src/(renderer/|preload/contract/)' },
    },
    {
      name: 'page-has-no-node',
      severity: 'error',
      comment: "src/renderer runs in a sandbox: no modules of Node's, no electron, no native libraries.",
      from: { path: '^src/renderer/' },
      to: builtIns,
    },
    {
      name: 'page-has-no-native-libraries',
      severity: 'error',
      comment: "src/renderer runs in a sandbox: no modules of Node's, no electron, no native libraries.",
      from: { path: '^src/renderer/' },
      to: { path: libraries(['electron', 'better-sqlite3', 'onnxruntime-node', 'sharp', 'commander']) },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two modules that import each other are one module, or lack a third that both may import.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unreachable-modules',
      severity: 'error',
      comment:
        'Every module is reached from a door (src/main/index.ts, src/main/cli.ts, the page) or from a worker.',
      from: { path: processStarts },
      to: { path: '^src/', pathNot: [processStarts, '\\.d\\.ts$'], reachable: false },
    },
    {
      name: 'declared-dependencies-only',
      severity: 'error',
      comment:
        'src may import what package.json names as a dependency; electron, which runs it, is the one exception.',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        pathNot: libraries(['electron']),
      },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      comment: 'An import must name a file that is there.',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Types count too: a type from the wrong side is a dependency on the wrong side.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.vue', '.js', '.json', '.d.ts'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
