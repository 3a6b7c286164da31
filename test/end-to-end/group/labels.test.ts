import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ParsedFamily } from '../../exporters/prometheus/parser.ts';
import type { Scrape } from './scrape.ts';
import { bound, TestedGroup } from './tested-group.ts';

/** What one release counts for itself: with these labels, and attributes of its resource. */
const release = (version: string) => ({
  env: {
    ROUTEMETER_LABELS: `v=${version},team=a`,
    OTEL_RESOURCE_ATTRIBUTES: `service.version=${version},deployment.environment.name=test`,
  },
});

function samplesOf({ families }: Scrape, family: string): ParsedFamily['samples'] {
  const found = families.get(family)?.samples;
  assert.ok(found, `no ${family}`);
  return found;
}

/** Failures by the release that had them. */
function failures(scraped: Scrape): Record<string, number> {
  const counts = samplesOf(scraped, 'http_server_request_duration_seconds').filter(
    ({ name, labels }) => name.endsWith('_count') && labels.get('http_route') === '/fail',
  );
  for (const { labels } of counts) assert.equal(labels.get('team'), 'a');
  return Object.fromEntries(counts.map(({ labels, value }) => [labels.get('v'), value]));
}

function about(scraped: Scrape): Record<string, string | undefined> {
  const [info, ...others] = samplesOf(scraped, 'target_info');
  const [members] = samplesOf(scraped, 'routemeter_group_members');
  assert.equal(others.length, 0);
  return {
    version: info?.labels.get('service_version'),
    environment: info?.labels.get('deployment_environment_name'),
    label: info?.labels.get('v'),
    team: info?.labels.get('team'),
    members: members?.labels.get('v'),
    teams: members?.labels.get('team'),
  };
}

test(
  'each release counts under its own labels, whichever process serves, and shared labels describe the group',
  bound,
  async () => {
    const group = await TestedGroup.create();
    const alike = { environment: 'test', team: 'a', teams: 'a' };
    const old = await group.start(release('1'));
    await group.send(old, { rounds: 2 });
    const next = await group.start(release('2'));
    await group.send(next, { rounds: 5 });
    const both = await group.scrapeUntil({ fresh: 2 });
    assert.deepEqual(failures(both), { 1: 2, 2: 5 });
    assert.deepEqual(about(both), { ...alike, version: undefined, label: undefined, members: undefined });

    await old.end('SIGTERM');
    const after = await group.scrapeUntil({ retired: 1 });
    assert.deepEqual(failures(after), { 1: 2, 2: 5 });
    assert.deepEqual(about(after), { ...alike, version: '2', label: '2', members: '2' });

    const instance = (scraped: Scrape) =>
      samplesOf(scraped, 'target_info')[0]?.labels.get('service_instance_id');
    assert.ok(instance(both));
    assert.equal(instance(after), instance(both));
  },
);
