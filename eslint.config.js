import eslint from '@eslint/js'
import prettier from 'eslint-config-prettier'
import vue from 'eslint-plugin-vue'
import { defineConfig, globalIgnores } from 'eslint/config'
import typescript from 'typescript-eslint'

export default defineConfig(
  globalIgnores(['out/', 'dist/', 'coverage/', 'segscope-demo/']),
  eslint.configs.recommended,
  typescript.configs.strictTypeChecked,
  typescript.configs.stylisticTypeChecked,
  vue.configs['flat/recommended'],
  {
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.vue'],
      },
    },
  },
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: typescript.parser } },
    rules: {
      // The compiler knows better, as for *.ts.
      'no-undef': 'off',
      'vue/require-default-prop': 'off',
      // The linter does not see into components that are referred to; vue-tsc does.
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // Vue takes a missing boolean for false, unless its default is undefined.
      '@typescript-eslint/no-useless-default-assignment': 'off',
    },
  },
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
      // Numbers read well in messages: `${width} x ${height}`.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // An index within a loop's bounds is known to be there: `values[index] as number` says so.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // The compiler asks for `process.env['NAME']`.
      '@typescript-eslint/dot-notation': 'off',
      // `while (true)` with a return inside is a loop, not a mistake.
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // `() => clearTimeout(timer)` is a short way to say it.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // An interface's method may be asynchronous for other implementations' sake.
      '@typescript-eslint/require-await': 'off',
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/define-props-declaration': 'error',
      'vue/no-v-html': 'error',
    },
  },
  {
    // Plain JavaScript: it must start on a Node that knows no types, or configures tools.
    files: ['**/*.js', '**/*.cjs'],
    extends: [typescript.configs.disableTypeChecked],
    languageOptions: {
      globals: { console: 'readonly', module: 'writable', process: 'readonly', URL: 'readonly' },
    },
    rules: { 'no-console': 'off' },
  },
  { files: ['bench/**', 'pretraining/**', 'test/**'], rules: { 'no-console': 'off' } },
  prettier,
)
