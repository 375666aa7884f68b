package io.chainrule.core;

import io.chainrule.core.graph.Graph;
import io.chainrule.core.network.LayerSummary;
import io.chainrule.core.op.Cautions;
import io.chainrule.core.op.Trait;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoublePredicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds units that pass on no gradient, or hardly any, for any sample. The units of an activation lie along its last axis, of images along
 * that of the channels; its samples along the leading one, which only a batch and a network's layers are known to have.
 */
public final class Units {
    /** Of fewer samples a healthy unit may well be off for all. */
    private static final int LEAST_SAMPLES = 10;
    /** How near to a limit a value is saturated, as a part of the way between both limits. */
    private static final double NEAR = 0.01;
    private static final int LEAST_ELEMENTS = 4;
    private static final int MOST_TOLD = 3;

    private Units() {}

    /** The units of a value that meet a condition for all samples, and how many there are of both. */
    public record Count(int units, int all, int samples) {}

    /** Those of the layers that are concerned most. */
    static List<Trouble> troubles(Suspects suspects, LoweredProgram lowered, PlannedGraph.Run run) {
        List<Trouble> dead = dead(suspects, lowered, run);
        List<Trouble> found = new ArrayList<>(worst(dead, "dead"));
        List<Trouble> saturated = new ArrayList<>();
        for (int node : suspects.bounded()) {
            Tensor value = run.known(lowered.image(node));
            if (value != null) {
                saturated(node, value, suspects.sampled().get(node), lowered.program().graph(), saturated);
            }
        }
        found.addAll(worst(saturated, "saturated"));
        return found;
    }

    private static List<Trouble> worst(List<Trouble> all, String key) {
        return all.isEmpty()
                ? all
                : all.stream().sorted(Comparator.comparingDouble(trouble -> -part(trouble, key))).limit(MOST_TOLD).toList();
    }

    private static double part(Trouble trouble, String key) {
        return trouble.numbers().getOrDefault(key, 0.0) / trouble.numbers().getOrDefault("units", 1.0);
    }

    private static List<Trouble> dead(Suspects suspects, LoweredProgram lowered, PlannedGraph.Run run) {
        List<Trouble> found = new ArrayList<>();
        for (int node : suspects.rectified()) {
            Tensor value = run.known(lowered.image(node));
            int compared = Suspects.comparedWithZero(lowered.program().graph(), node);
            Tensor passed = value == null || compared < 0 ? value : passed(value, run.known(lowered.image(compared)));
            Count dead = passed != null && suspects.sampled().get(node) ? ofAll(passed, x -> x == 0) : null;
            // Where all are dead, the gradients of what is before are zero, which is told of.
            if (dead != null && dead.units > 0 && dead.units < dead.all && dead.samples >= LEAST_SAMPLES) {
                found.add(new Trouble(Trouble.Kind.DEAD_UNITS, node, List.of(),
                        Map.of("dead", (double) dead.units, "units", (double) dead.all, "samples", (double) dead.samples)));
            }
        }
        return found;
    }

    /** 0 where 0 was taken instead of the operand. Where the operand is 0 too, it passes a share of the gradient on. */
    private static @Nullable Tensor passed(Tensor value, @Nullable Tensor operand) {
        if (operand == null || operand.length() != value.length()) {
            return null;
        }
        Tensor passed = Tensor.zeros(value.shape());
        Arrays.setAll(passed.data(), i -> value.data()[i] == operand.data()[i] ? 1 : 0);
        return passed;
    }

    private static void saturated(int node, Tensor value, boolean hasSamples, Graph graph, List<Trouble> found) {
        Cautions.Limits limits = Objects.requireNonNull(Cautions.of(graph.op(node)).limits());
        double margin = NEAR * (limits.high() - limits.low());
        DoublePredicate isNear = x -> x < limits.low() + margin || x > limits.high() - margin;
        if (hasSamples && value.shape().rank() > 1 && value.shape().dim(0) >= LEAST_SAMPLES) {
            Count units = ofAll(value, isNear);
            if (units != null && units.units > 0) {
                found.add(new Trouble(Trouble.Kind.SATURATED_UNITS, node, List.of(), Map.of("saturated", (double) units.units, "units",
                        (double) units.all, "samples", (double) units.samples)));
            }
            return;
        }
        long near = 0;
        int seen = 0;
        for (double x : value.data()) {
            near += isNear.test(x) ? 1 : 0;
            seen++;
            if (2 * (seen - near) > value.length()) {
                return;
            }
        }
        if (seen >= LEAST_ELEMENTS) {
            found.add(
                    new Trouble(Trouble.Kind.SATURATED_UNITS, node, List.of(), Map.of("saturated", (double) near, "units", (double) seen)));
        }
    }

    /** The nodes of a network's layers, or of a program over samples, whose units can die. */
    public static List<Integer> mortal(BoundProgram bound) {
        Graph graph = bound.program().graph();
        List<Integer> found = new ArrayList<>();
        if (bound.network() != null) {
            for (LayerSummary layer : bound.network().layers()) {
                // Where gates are opened or closed, a layer's output has another number than in the network's own program.
                Integer node = bound.program().find(layer.name());
                if (node != null && OpCatalogue.has(graph.op(node), Trait.CLOSED_AT_ZERO) && bound.paths().reaches(node)) {
                    found.add(node);
                }
            }
        }
        return found;
    }

    /** Counts the units whose values meet a condition for all samples; null for a value without several units. */
    static @Nullable Count ofAll(Tensor value, DoublePredicate condition) {
        boolean[] differ = others(value.shape());
        if (differ.length < 2 || value.length() == 0) {
            return null;
        }
        mark(value, condition, differ);
        return new Count(count(differ), differ.length, value.shape().dim(0));
    }

    /** A flag for each unit of values of this shape, whose leading axis is that of the samples. */
    public static boolean[] others(Shape shape) {
        return new boolean[shape.rank() < 2 ? 0 : shape.dim(axis(shape))];
    }

    private static int axis(Shape shape) {
        return shape.rank() < 4 ? shape.rank() - 1 : 1;
    }

    /** Sets the flags of units that do not meet the condition for some sample. */
    public static void mark(Tensor value, DoublePredicate condition, boolean[] differ) {
        Shape shape = value.shape();
        int stride = shape.sub(axis(shape) + 1, shape.rank()).length();
        int units = differ.length;
        double[] x = value.data();
        int left = count(differ);
        for (int i = 0; i < x.length && left > 0; i++) {
            int unit = i / stride % units;
            if (!differ[unit] && !condition.test(x[i])) {
                differ[unit] = true;
                left--;
            }
        }
    }

    /** How many flags are not set. */
    public static int count(boolean[] differ) {
        int count = 0;
        for (boolean other : differ) {
            count += other ? 0 : 1;
        }
        return count;
    }
}
