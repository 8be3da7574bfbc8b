/** The rules of the house (docs/architecture.md): core imports nobody, the four parts only core, bin joins them. */
const parts = ['campaign-loader', 'dialer', 'amd', 'analytics'];
module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'core-imports-nobody', severity: 'error', from: { path: '^core/' }, to: { path: '^(campaign-loader|dialer|amd|analytics|bin|bench|tools)/' } },
    ...parts.map((part) => ({
      name: `${part}-imports-core-only`,
      severity: 'error',
      from: { path: `^${part}/` },
      to: { path: `^(${[...parts.filter((other) => other !== part), 'bin', 'bench', 'tools'].join('|')})/` },
    })),
    {
      name: 'decisions-are-pure',
      comment: 'rules/ and call/ run without a mock: no I/O, no clock, no chance of their own',
      severity: 'error',
      from: { path: '^dialer/(rules|call)/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'decisions-know-no-adapter',
      severity: 'error',
      from: { path: '^dialer/(rules|call)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^dialer/(simulator|telephony|ledger)/(?!port\\.ts)' },
    },
    { name: 'product-does-not-need-the-simulator', severity: 'error', from: { path: '^dialer/(?!simulator/)', pathNot: '\\.(test|contract)\\.ts$' }, to: { path: '^dialer/simulator/' } },
    { name: 'no-local-engine-in-product', comment: 'only tests, benches and the cluster on loopback start engines', severity: 'error', from: { path: '^(core|campaign-loader|dialer|amd|analytics|bin)/', pathNot: '\\.(test|contract)\\.ts$' }, to: { path: '^deploy/' } },
    { name: 'no-test-in-product', severity: 'error', from: { pathNot: '\\.(test|contract)\\.ts$' }, to: { path: '\\.(test|contract)\\.ts$' } },
    { name: 'no-dev-dependency-in-product', severity: 'error', from: { path: '^(core|campaign-loader|dialer|amd|analytics|bin)/', pathNot: '\\.(test|contract)\\.ts$' }, to: { dependencyTypes: ['npm-dev'] , pathNot: '@types'} },
    { name: 'no-orphan', severity: 'error', from: { orphan: true, pathNot: ['\\.test\\.ts$', '\\.d\\.ts$', '^(bin|bench|tools)/', '\\.config\\.'] }, to: {} },
  ],
  options: { doNotFollow: { path: 'node_modules' }, tsConfig: { fileName: 'tsconfig.json' }, tsPreCompilationDeps: true, exclude: { path: '^dist/' } },
};
