/**
 * For tests of failover: a whole fleet in virtual time, with faults of pods, network, Redis and source (`simulateFleet`);
 * tests generated from a model of what can happen (`failoverPaths`), for that fleet or for real pods; a manager that does
 * only what a test says (`createFixtureManager`); the store in memory with the operator's hands; the promises as
 * predicates over what a fleet did (`judge`). No test runner is needed.
 */
export {
  type Expectations,
  type FaultEntry,
  type FleetTrace,
  type InjectedFault,
  judge,
  type Violation,
} from '../../machines/index.ts';
export { memoryConnect } from '../memory/connection.ts';
export { createMemoryRedis, type MemoryRedis } from '../memory/memory-redis.ts';
export { coverageReport, expectCoverage, type MachineCoverage } from './coverage-report.ts';
export { describeExploration, describeTransitions } from './explore/report.ts';
export { type FaultKind, faultKinds } from './explore/story.ts';
export { type Counterexample, type Exploration, type ExploreOptions, explore } from './explore.ts';
export type { FailoverDriver, FailoverEvent, FailoverMeta, FleetView, PodView } from './failover-driver.ts';
export { type FailoverModelEvent, failoverModel } from './failover-model.ts';
export { type FailoverPath, type FailoverPathsOptions, failoverPaths } from './failover-paths.ts';
export { type FaultName, faultNames } from './fault-kinds.ts';
export { createFixtureManager, type FixtureManager } from './fixture-manager.ts';
export type { FleetExpectations } from './fleet-expectations.ts';
export type { FleetOptions, SimulatedDataset } from './fleet-options.ts';
export type { SimulationEntry } from './fleet-trace-log.ts';
export type { Noise } from './network.ts';
export { PodClock } from './pod-clock.ts';
export { converged, leaderElected } from './predicates.ts';
export { realDriver } from './real-driver.ts';
export type { RealDriverOptions, RealFleet, RealRedis } from './real-driver-options.ts';
export type { Refusal } from './refusals.ts';
export { type SimulatedDriverOptions, simulatedDriver } from './simulated-driver.ts';
export { type SimulatedFleet, simulateFleet } from './simulated-fleet.ts';
export type { PodState, SimulatedPod } from './simulated-pod.ts';
export type { SimulatedRedis } from './simulated-redis.ts';
export type { SimulatedCall, SimulatedSource, SourceScope } from './simulated-source.ts';
export { runSwarm, type SwarmOptions, type SwarmReport } from './swarm.ts';
export { shrinkSwarm } from './swarm-shrink.ts';
export { Timeline } from './timeline.ts';
export { entryText } from './trace-text.ts';
export { type CoverageNotes, TransitionCoverage } from './transition-coverage.ts';
export { VirtualClock } from './virtual-clock.ts';
