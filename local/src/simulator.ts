export { bodyOf, sseOf, type Told } from './simulator/body-of.ts';
export { identityOf, type Identity } from './simulator/identity.ts';
export { type Delivered, type Ending, type Look } from './simulator/log.ts';
export { pricedModels, priceOf } from './simulator/prices.ts';
export { Scenario, type ScenarioName, scenarioOf } from './simulator/scenario.ts';
export { type Simulator, type SimulatorOptions, startSimulator } from './simulator/server.ts';
export { Standing } from './simulator/standing.ts';
export { type FaultName, faultNames, wall } from './simulator/fault-matrix.ts';
export { costOf, expectedUsage, promptTokensOf, type Usage } from './simulator/usage.ts';
