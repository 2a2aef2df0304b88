import { type JsonSchema, TEXT_DEFINITION } from '../core/shape.js';
import type { DrillCatalogs } from './catalogs.js';
import { drillFile } from './file-shape.js';
import { phaseDefinition } from './phases-shape.js';
import { probeSpecDefinition } from './probe-spec.js';
import { selectorDefinition } from './selector.js';
import { stepDefinition, stepShape } from './step.js';

/** The JSON Schema of a drill file (draft-07, which editors understand), from the shapes that read it. */
export function drillSchema(catalogs: DrillCatalogs): JsonSchema {
  const step = stepShape(catalogs, new Map());
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Firedrill drill',
    description: 'A drill for a service registry: *.drill.yaml',
    'x-description-zh': '服务注册中心演练文件：*.drill.yaml',
    ...drillFile(catalogs, step).schema,
    definitions: {
      step: stepDefinition(catalogs),
      phase: phaseDefinition(catalogs, step),
      check: probeSpecDefinition(catalogs.probes),
      selector: selectorDefinition(),
      text: TEXT_DEFINITION,
    },
  };
}
