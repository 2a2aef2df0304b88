/** The import rule: a folder of src may import itself and core; only cli wires the rest (src/README.md). */
module.exports = {
  forbidden: [
    {
      name: 'folders-import-only-themselves-and-core',
      severity: 'error',
      comment: 'Move what is shared into core if it is a word of the domain, or pass it in through a port that cli wires.',
      from: { path: '^src/([^/]+)/', pathNot: '^src/cli/' },
      to: { path: '^src/', pathNot: '^src/($1|core)/' },
    },
    { name: 'nothing-imports-cli', severity: 'error', from: { pathNot: '^src/cli/' }, to: { path: '^src/cli/' } },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'type-import'] } } },
    {
      name: 'what-follows-the-journal-touches-nothing',
      severity: 'error',
      comment: 'measure, score and report are pure functions of the journal.',
      // Reading its own templates, which come with the version, is not touching the world.
      from: { path: '^src/(measure|score|report)/', pathNot: '^src/report/html/templates[.]built[.]ts$' },
      to: { path: '^(node:)?(fs|net|http|https|child_process|os|dgram|worker_threads)$' },
    },
    { name: 'product-uses-runtime-dependencies', severity: 'error', from: { path: '^src/.*[.]ts$' }, to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'unknown'] } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
