/** For tools that do not know Vue's files; vue-tsc looks into them. */
declare module '*.vue' {
  import type { Component } from 'vue'

  const component: Component
  export default component
}
