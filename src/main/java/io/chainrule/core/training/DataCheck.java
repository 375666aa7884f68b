package io.chainrule.core.training;

import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.execution.CostModel;
import io.chainrule.core.graph.Allowance;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.JsonPointer;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Op;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.rewrite.Gates;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Looks for samples that a program refuses whatever its parameters become: labels that name no class, indices of no row. A step
 * would find them later and in its own order.
 */
final class DataCheck {
    private final Trainable program;
    private final Graph graph;
    private final @Nullable StepPlan plan;
    private final int rows;

    /** {@code rows} is over how many samples the program is. */
    DataCheck(Trainable program, int rows, Allowance allowance) {
        this.program = program;
        this.rows = rows;
        Gates.Expansion opened = Gates.expand(program.graph(), allowance);
        graph = opened.graph();
        BitSet changing = new BitSet();
        program.parameters().values().forEach(node -> changing.set(opened.image()[node]));
        program.statistics().values().forEach(node -> changing.set(opened.image()[node]));
        if (program.step() != null) {
            changing.set(opened.image()[program.step()]);
        }
        BitSet data = new BitSet();
        program.data().values().forEach(node -> data.set(opened.image()[node]));
        BitSet changed = Activity.dependents(graph, graph.size(), changing);
        BitSet sampled = Activity.dependents(graph, graph.size(), data);
        BitSet checks = new BitSet();
        for (int i = 0; i < graph.size(); i++) {
            Integer operand = checkedOperand(graph.op(i));
            if (operand != null && sampled.get(graph.operand(i, operand)) && !changed.get(graph.operand(i, operand))) {
                checks.set(i);
            }
        }
        plan = checks.isEmpty() || rows == 0 ? null : new StepPlan(program, opened, checks);
    }

    /** One run's. */
    CostModel cost() {
        return plan == null ? new CostModel(0, 0) : plan.cost();
    }

    /** {@link ProblemException} with the sample's pointer below {@code fields}, where it is known, for the first that is refused. */
    void run(Map<String, Tensor> parameters, Map<String, Tensor> statistics, Map<String, Tensor> data, int samples, Checkpoint checkpoint,
            Object... fields) {
        if (plan == null) {
            return;
        }
        plan.start(checkpoint);
        plan.placeParameters(parameters, statistics);
        plan.placeStep(0);
        int[] order = IntStream.range(0, samples).toArray();
        for (int done = 0; done < samples; done += rows) {
            int from = Math.min(done, samples - rows);
            if (problem(plan, data, order, from) != null) {
                throw first(plan, data, from, fields);
            }
        }
    }

    private static @Nullable ProblemException problem(StepPlan plan, Map<String, Tensor> data, int[] order, int from) {
        try {
            plan.placeSamples(data, order, from);
            plan.run();
            return null;
        } catch (ProblemException e) {
            return e;
        }
    }

    /** Which sample it is: the first that is refused where all rows are that one. */
    private ProblemException first(StepPlan plan, Map<String, Tensor> data, int from, Object[] fields) {
        int[] same = new int[rows];
        for (int sample = from; sample < from + rows; sample++) {
            Arrays.fill(same, sample);
            ProblemException e = problem(plan, data, same, 0);
            if (e != null) {
                return located(e, sample, fields);
            }
        }
        return Objects.requireNonNull(problem(plan, data, IntStream.range(from, from + rows).toArray(), 0));
    }

    private static @Nullable Integer checkedOperand(Op op) {
        OpDefinition definition = OpCatalogue.find(op.name());
        return definition == null ? null : definition.checkedOperand();
    }

    private ProblemException located(ProblemException e, int sample, Object[] fields) {
        int node = e.graphNode();
        Integer operand = node < 0 ? null : checkedOperand(graph.op(node));
        if (operand == null) {
            return e;
        }
        BitSet sources = sources(graph.operand(node, operand));
        List<String> names = program.data().keySet().stream().filter(name -> isAmong(name, sources)).toList();
        return new ProblemException(e.problems().stream().map(problem -> {
            // The op counts rows of a batch, of which each is this sample.
            Problem said = problem.message("sample " + sample + ": " + problem.message().replaceFirst(" at \\[0(, [^\\]]*)?]", ""));
            return names.size() != 1
                    ? said
                    : said.operand(null).pointer(JsonPointer.of(fields) + JsonPointer.of(names.getFirst(), sample));
        }).toList());
    }

    private boolean isAmong(String name, BitSet nodes) {
        return nodes.stream().anyMatch(node -> graph.op(node) instanceof Leaf.Input input
                && input.id().equals(name));
    }

    /** A node and all that it depends on. */
    private BitSet sources(int node) {
        BitSet found = new BitSet();
        found.set(node);
        for (int i = node; i >= 0; i = found.previousSetBit(i - 1)) {
            for (int k = 0; k < graph.operandCount(i); k++) {
                found.set(graph.operand(i, k));
            }
            if (i == 0) {
                break;
            }
        }
        return found;
    }
}
