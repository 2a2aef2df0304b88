import type { JsonSchema } from '../core/shape.js';
import type { DrillCatalogs } from './catalogs.js';
import { drillFile } from './file-shape.js';
import { stepDefinition, stepShape } from './step.js';

/** The JSON Schema of a drill file (draft-07, which editors understand), from the shapes that read it. */
export function drillSchema(catalogs: DrillCatalogs): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Firedrill drill',
    description: 'A drill for a service registry: *.drill.yaml',
    'x-description-zh': '服务注册中心演练文件：*.drill.yaml',
    ...drillFile(catalogs, stepShape(catalogs, new Map())).schema,
    definitions: { step: stepDefinition(catalogs) },
  };
}
