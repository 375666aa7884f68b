/**
 * The order in which a circuit is computed: a value a step along the wires, then the output's gradient, which is 1, then gate by gate back.
 * A step of the way back passes a gate's gradient to all of its operands.
 */
export function stepsOf(answer) {
  const nodes = new Map(answer.nodes.map(node => [node.id, node]));
  const reached = new Set();
  const visit = [answer.output];
  while (visit.length > 0) {
    const id = visit.pop();
    if (nodes.has(id) && !reached.has(id)) {
      reached.add(id);
      visit.push(...nodes.get(id).inputs.filter(operand => typeof operand === 'string'));
    }
  }
  const gates = answer.nodes.filter(node => !isGiven(node));
  const forward = gates.map(node => ({ phase: 'forward', node: node.id, edges: edgesInto(node, nodes) }));
  const backward = gates.filter(node => reached.has(node.id)).reverse()
    .map(node => ({ phase: 'backward', node: node.id, edges: edgesInto(node, nodes) })).filter(step => step.edges.length > 0);
  return [...forward, { phase: 'seed', node: answer.output, edges: [] }, ...backward];
}

/** The gates that are open: nodes inside the gate f are called f/exp_1. */
export function openedGates(gates, answer) {
  const ids = gates === 'expand' ? answer?.nodes.map(node => node.id).filter(id => id.includes('/')) ?? [] : gates;
  return Array.isArray(ids) ? [...new Set(ids.map(id => id.split('/')[0]))] : [];
}

export function isGiven(node) {
  return node.op === 'input' || node.op === 'constant';
}

function edgesInto(node, nodes) {
  return node.inputs.map((from, operand) => ({ from, to: node.id, operand })).filter(edge => nodes.has(edge.from));
}

/** What is known after the first `count` steps: whose values, whose gradients are complete, and which gates have passed theirs on. */
export function knownAfter(answer, steps, count) {
  const done = steps.slice(0, count);
  const values = new Set(answer.nodes.filter(isGiven).map(node => node.id));
  const gradients = new Set();
  const passed = new Set();
  const open = new Map();
  for (const step of steps.filter(each => each.phase === 'backward')) {
    step.edges.forEach(edge => open.set(edge.from, (open.get(edge.from) ?? 0) + 1));
  }
  for (const step of done) {
    if (step.phase === 'forward') {
      values.add(step.node);
    } else if (step.phase === 'seed') {
      gradients.add(step.node);
    } else {
      passed.add(step.node);
      for (const { from } of step.edges) {
        open.set(from, open.get(from) - 1);
        if (open.get(from) === 0) {
          gradients.add(from);
        }
      }
    }
  }
  if (count >= steps.length) {
    answer.nodes.forEach(node => {
      gradients.add(node.id);
      passed.add(node.id);
    });
  }
  return { values, gradients, passed, current: count >= steps.length ? null : done.at(-1) ?? null };
}
