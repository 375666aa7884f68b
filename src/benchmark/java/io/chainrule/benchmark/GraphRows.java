package io.chainrule.benchmark;

import io.chainrule.core.CompiledFunction;
import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Row j: gradients of graphs of scalars, where the time of a node must not grow with the number of nodes. */
final class GraphRows {
    static final int LARGEST = 1_000_000;
    private static final int SMALLEST = 1_000;
    private static final int[] SIZES = {10_000, 100_000, LARGEST};
    private static final int INPUTS = 64;
    private static final long SEED = 7;

    /** What a node with two operands reads beside the node before it, which every node reads. */
    enum Form {
        /** An input. */
        CHAIN("chain", 1.5),
        /** Any node before it. */
        DAG("random DAG", 5);

        private final String text;
        private final double most;

        Form(String text, double most) {
            this.text = text;
            this.most = most;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private GraphRows() {}

    static List<Comparison> all() {
        List<Comparison> rows = new ArrayList<>();
        for (Form form : Form.values()) {
            for (int nodes : SIZES) {
                rows.add(Comparison.of("j", form + " of %,d scalar nodes, gradient".formatted(nodes), () -> once(form, nodes))
                        .peer("ours, as many in graphs of 1,000", 1 / form.most, () -> repeated(form, nodes / SMALLEST))
                        .isLong(nodes > 100_000).build());
            }
        }
        return rows;
    }

    private static Contender once(Form form, int nodes) {
        CompiledFunction function = compiled(form, nodes);
        Map<String, Tensor> inputs = inputs();
        return Contender.ofTime(() -> function.call(inputs).gradient("x0").data());
    }

    private static Contender repeated(Form form, int times) {
        CompiledFunction function = compiled(form, SMALLEST);
        Map<String, Tensor> inputs = inputs();
        return Contender.ofTime(() -> {
            double[] last = {};
            for (int i = 0; i < times; i++) {
                last = function.call(inputs).gradient("x0").data();
            }
            return last;
        });
    }

    private static Map<String, Tensor> inputs() {
        Random random = new Random(SEED);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (int i = 0; i < INPUTS; i++) {
            inputs.put("x" + i, Tensor.scalar(random.nextGaussian()));
        }
        return inputs;
    }

    /** A function of a random program of so many nodes, and of its gradient by all inputs. */
    static CompiledFunction compiled(Form form, int nodes) {
        Random random = new Random(SEED);
        List<String> ids = new ArrayList<>(inputs().keySet());
        List<NodeSpec> specs = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            String last = ids.getLast();
            String other = ids.get(random.nextInt(form == Form.CHAIN ? INPUTS : ids.size()));
            String id = "n" + i;
            specs.add(switch (random.nextInt(4)) {
                case 0 -> new NodeSpec(id, "sin", List.of(last), Map.of());
                case 1 -> new NodeSpec(id, "tanh", List.of(last), Map.of());
                case 2 -> new NodeSpec(id, "mul", List.of(last, other), Map.of());
                default -> new NodeSpec(id, "sub", List.of(last, other), Map.of());
            });
            ids.add(id);
        }
        Map<String, Shape> shapes = new LinkedHashMap<>();
        inputs().forEach((name, value) -> shapes.put(name, value.shape()));
        return Program.of(specs, ids.getLast()).valueAndGradient().withoutRemarks().compile(Shapes.of(shapes));
    }
}
