import { readFileSync } from 'node:fs';
import { parser } from '@prometheus-io/lezer-promql';
import { Registry, collectDefaultMetrics } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { ENGINE_NAMES, metricsRegistry } from '../core/metrics.ts';
import { DISPOSITIONS, OUTCOMES, VERDICTS } from '../core/outcome.ts';

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

/** A time series' name, and the labels it has beside those that the scrape gives it. */
const known = new Map<string, readonly string[]>([['up', []]]);
const defaults = new Registry();
collectDefaultMetrics({ register: defaults });
for (const registry of [metricsRegistry, defaults]) {
  for (const { name, type } of registry.getMetricsAsArray()) {
    const { labelNames } = z.object({ labelNames: z.array(z.string()).default([]) }).parse(registry.getSingleMetric(name));
    // Declared as a number, and in truth a text.
    if (z.enum(['counter', 'gauge', 'histogram']).parse(type) !== 'histogram') known.set(name, labelNames);
    else for (const [ending, more] of [['_bucket', ['le']], ['_sum', []], ['_count', []]] as const) known.set(name + ending, [...labelNames, ...more]);
  }
}
const SCRAPED = ['job', 'instance'];
const VALUES: Readonly<Record<string, readonly string[]>> = { outcome: OUTCOMES, disposition: DISPOSITIONS, verdict: VERDICTS, engine: ENGINE_NAMES, job: ['dialer', 'sink', 'drachtio', 'clickhouse', 'prometheus'] };

/** What is wrong with an expression: its syntax, a name, a label or a label's value that does not exist. */
function faultsOf(expression: string): string[] {
  const text = expression.replaceAll('$__rate_interval', '1m');
  const faults: string[] = [];
  const names: string[] = [];
  const labels: string[] = [];
  parser.parse(text).iterate({
    enter(node) {
      const here = text.slice(node.from, node.to);
      if (node.type.isError) faults.push(`syntax at ${node.from} of ${text}`);
      if (node.name === 'Identifier' && node.matchContext(['VectorSelector'])) names.push(here);
      if (node.name === 'LabelName') labels.push(here);
      if (node.name === 'UnquotedLabelMatcher') {
        const [, label = '', value = ''] = /^\s*(\w+)\s*[=!]~?\s*"([^"]*)"/.exec(here) ?? [];
        const allowed = VALUES[label];
        if (allowed === undefined) faults.push(`no list of values for the label ${label}`);
        else for (const each of value.split('|')) if (!allowed.includes(each)) faults.push(`${label}="${each}" does not exist`);
      }
    },
  });
  if (names.length === 0) faults.push('no metric at all');
  for (const name of names) if (!known.has(name)) faults.push(`metric ${name} does not exist`);
  for (const label of labels) if (![...SCRAPED, ...names.flatMap((name) => known.get(name) ?? [])].includes(label)) faults.push(`label ${label} does not exist`);
  return faults;
}

const rules = z
  .object({ groups: z.array(z.object({ rules: z.array(z.strictObject({ alert: z.string(), expr: z.string(), for: z.string().regex(/^\d+m$/).optional(), labels: z.object({ severity: z.enum(['page', 'warn']) }), annotations: z.object({ summary: z.string() }) })) })) })
  .parse(parseYaml(read('./prometheus/rules.yml')))
  .groups.flatMap((group) => group.rules);
const dashboard = z
  .object({
    uid: z.string(),
    panels: z.array(
      z.object({
        id: z.number(),
        title: z.string(),
        gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
        datasource: z.object({ uid: z.string() }),
        targets: z.array(z.object({ expr: z.string(), legendFormat: z.string().optional() })).min(1),
      }),
    ),
  })
  .parse(JSON.parse(read('./grafana/dashboards/calls.json')));

describe('the check itself', () => {
  test.each([
    ['rate(obzvon_calls_total[1m])', 'metric obzvon_calls_total does not exist'],
    ['sum by (campaign) (obzvon_calls_in_flight)', 'label campaign does not exist'],
    ['obzvon_attempts_total{outcome="answered"}', 'outcome="answered" does not exist'],
    ['histogram_quantile(0.9, obzvon_talk_seconds)', 'metric obzvon_talk_seconds does not exist'],
  ])('%s: %s', (expression, fault) => expect(faultsOf(expression)).toContain(fault));

  test('sees broken syntax', () => expect(faultsOf('sum(rate(obzvon_calls_started_total[5m])').join()).toMatch(/syntax/));
});

describe('Prometheus', () => {
  test.each(rules.map((rule) => [rule.alert, rule] as const))('%s asks for what exists', (_name, rule) => {
    expect(faultsOf(rule.expr)).toEqual([]);
    expect([...rule.annotations.summary.matchAll(/\{\{([^}]*)\}\}/g)].map((match) => match[1]?.trim()).filter((name) => name !== '$value' && name?.startsWith('$labels.') !== true)).toEqual([]);
  });

  test('what operators must hear of has a rule', () => {
    expect(rules.map((rule) => rule.alert)).toEqual(
      expect.arrayContaining(['NotReady', 'NoCallsWhileContactsAreDue', 'LagGrows', 'OutboxGrows', 'TrunkEasedOff', 'CallsPerSecondOverCap']),
    );
  });

  test('reads every process of compose.yaml that tells metrics, in a network they share', () => {
    const scrape = z
      .object({ rule_files: z.array(z.string()), scrape_configs: z.array(z.object({ job_name: z.string(), static_configs: z.array(z.object({ targets: z.array(z.string()) })) })) })
      .parse(parseYaml(read('./prometheus/prometheus.yml')));
    const { services } = z
      .object({ services: z.record(z.string(), z.object({ image: z.string(), networks: z.array(z.string()), profiles: z.array(z.string()).optional() })) })
      .parse(parseYaml(read('./compose.yaml'), { merge: true }));
    const targets = scrape.scrape_configs.flatMap((job) => job.static_configs.flatMap((each) => each.targets));
    for (const [name, service] of Object.entries(services)) if (service.image.startsWith('obzvon:') && service.profiles === undefined) expect(targets).toContain(`${name}:9464`);
    for (const target of targets.map((each) => each.split(':')[0]!)) {
      if (target !== '127.0.0.1') expect(services[target]?.networks.some((network) => services.prometheus?.networks.includes(network)), target).toBe(true);
    }
    expect(scrape.scrape_configs.map((job) => job.job_name).sort()).toEqual([...VALUES.job!].sort());
    for (const file of scrape.rule_files) expect(() => read(file.replace('/etc/prometheus/', './prometheus/'))).not.toThrow();
    expect(read('./clickhouse/prometheus.xml')).toContain('<port>9363</port>');
  });
});

describe('Grafana', () => {
  test.each(dashboard.panels.map((panel) => [panel.title, panel] as const))('%s asks for what exists', (_title, panel) => {
    for (const { expr, legendFormat = '' } of panel.targets) {
      expect(faultsOf(expr)).toEqual([]);
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(label === 'instance' || new RegExp(`by \\([^)]*\\b${label!}\\b`).test(expr), `${label!} in ${expr}`).toBe(true);
    }
  });

  test('panels have their own ids and places, and the data source that is provisioned', () => {
    const { datasources } = z.object({ datasources: z.array(z.object({ uid: z.string(), url: z.string() })) }).parse(parseYaml(read('./grafana/provisioning/datasources/prometheus.yaml')));
    expect(new Set(dashboard.panels.map((panel) => panel.id)).size).toBe(dashboard.panels.length);
    for (const panel of dashboard.panels) expect(datasources.map((each) => each.uid)).toContain(panel.datasource.uid);
    const overlap = dashboard.panels.some(({ gridPos: a, id }) => dashboard.panels.some(({ gridPos: b, id: other }) => id !== other && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h));
    expect(overlap).toBe(false);
  });
});
