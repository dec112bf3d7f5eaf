import { expect, test } from 'vitest';
import { ResourceMonitor } from '../../source/coordinator/api/resource-monitor.ts';
import { initialResources } from '../../source/domain/capacity.ts';
import { quietMachine } from '../helpers/core/planning.ts';

test('says whether one more may run, and why', () => {
  let [resources, running] = [initialResources, 0];
  const monitor = new ResourceMonitor(
    () => resources,
    () => running,
  );
  expect(monitor.checkResourcesAvailable()).toEqual({
    available: true,
    reason: '0 of 1 running (waiting for the first CPU and memory reading)',
  });
  resources = quietMachine;
  running = 3;
  expect(monitor.checkResourcesAvailable()).toEqual({ available: true, reason: '3 of 4 running (below 50 %)' });
  running = 4;
  expect(monitor.checkResourcesAvailable().available).toBe(false);
  expect(monitor.getResourceStatus()).toBe(quietMachine);
});
