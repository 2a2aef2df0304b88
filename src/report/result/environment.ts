import type { Plan } from '../../core/plan.js';
import type { ResultEnvironment } from '../../core/result.js';
import type { Sources } from './build.js';

export function environmentOf({ opened }: Sources): ResultEnvironment {
  const { name, os, node, cpus } = opened.host;
  return {
    ...opened.drill.environment,
    startedBy: opened.startedBy,
    argv: opened.argv,
    host: { name, os, node, cpus },
    target: targetOf(opened.plan),
    roles: opened.drill.roles.assigned,
    unavailable: opened.drill.roles.unavailable,
    scriptedAnswers: opened.scriptedAnswers,
    answeredBy: opened.answeredBy,
  };
}

function targetOf({ target }: Plan): ResultEnvironment['target'] {
  if (target === null) return null;
  const { product, version, lab } = target.binding;
  return {
    product,
    version,
    lab,
    nodes: target.members.map(({ node, url, leader, voter }) => ({ name: node, url, leader, voter })),
    voters: target.voters,
    quorum: target.quorum,
  };
}
