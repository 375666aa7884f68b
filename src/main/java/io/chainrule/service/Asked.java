package io.chainrule.service;

import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.JsonPointer;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a call names of its program: nodes to list, to differentiate by, to seed; what is wrong with the names is noted. */
final class Asked {
    private final Call call;
    private final NamedGraph program;
    private final Samples samples;
    private final NodeNames names;
    private final BitSet sampled;
    private final List<Integer> listed;
    private final Map<String, Integer> wrt;

    Asked(Call call, NamedGraph program, Samples samples, NodeNames names) {
        this.call = call;
        this.program = program;
        this.samples = samples;
        this.names = names;
        this.sampled = sampled(call.batch().inputs());
        this.listed = listed(samples.areReduced() ? new Call.NodeSelection.None() : call.nodes());
        this.wrt = wrt(call.wrt());
    }

    /** The nodes that depend on a sample, after noting the names that carry none. */
    private BitSet sampled(List<String> names) {
        BitSet carriers = new BitSet();
        for (int i = 0; i < names.size(); i++) {
            String id = names.get(i);
            if (call.inputs().containsKey(id) && program.find(id) == null) {
                continue;
            }
            Integer node = this.names.find(id, "/batch/" + i);
            if (node != null && !(program.graph().op(node) instanceof Leaf.Input)) {
                this.names.note(Problem.of(ProblemCode.INVALID_VALUE, "'" + id + "' is no input; only inputs carry samples").node(id)
                        .pointer("/batch/" + i).expected("an input", program.graph().op(node).name()));
            } else if (node != null) {
                carriers.set(node);
            }
        }
        return Activity.dependents(program.graph(), program.graph().size(), carriers);
    }

    private List<Integer> listed(Call.NodeSelection selection) {
        Graph graph = program.graph();
        List<Integer> nodes = new ArrayList<>();
        switch (selection) {
            case Call.NodeSelection.None() -> {
            }
            case Call.NodeSelection.Ids(var ids) -> nodes.addAll(names.findAll(ids, "/nodes").stream().distinct().sorted().toList());
            case Call.NodeSelection.All(),Call.NodeSelection.Named() -> {
                boolean all = selection instanceof Call.NodeSelection.All;
                for (int i = 0; i < graph.size(); i++) {
                    if (!graph.isLiteral(i) && (all || program.isNamed(i))) {
                        nodes.add(i);
                    }
                }
            }
        }
        return nodes;
    }

    private Map<String, Integer> wrt(@Nullable List<String> ids) {
        Map<String, Integer> found = new LinkedHashMap<>();
        if (ids == null) {
            call.inputs().keySet().forEach(id -> found.put(id, Objects.requireNonNullElse(program.find(id), Workbench.NO_NODE)));
            return found;
        }
        for (int i = 0; i < ids.size(); i++) {
            String id = ids.get(i);
            boolean unmentioned = call.inputs().containsKey(id) && program.find(id) == null;
            Integer node = unmentioned ? Integer.valueOf(Workbench.NO_NODE) : names.find(id, "/wrt/" + i);
            if (node != null) {
                found.put(id, node);
            }
        }
        return found;
    }

    NodeNames names() {
        return names;
    }

    /** Whether a node depends on a sample. */
    boolean isSampled(int node) {
        return sampled.get(node);
    }

    /** The nodes that the answer lists, in topological order. */
    List<Integer> listed() {
        return listed;
    }

    /** Nodes by the names under which the answer gives derivatives; {@link Workbench#NO_NODE} where nothing depends on the name. */
    Map<String, Integer> wrt() {
        return wrt;
    }

    /** The cotangent has the output's shape, in each sample or for all, or is left out for a scalar; notes what is wrong. */
    void checkSeed(@Nullable Tensor cotangent) {
        if (cotangent != null) {
            names.checkShape(program.output(), cotangent.shape(), "/cotangent", this::cotangentShapes);
        } else {
            checkScalar(true);
        }
    }

    /** Notes an output that is no scalar. */
    void checkScalar(boolean mayHaveCotangent) {
        if (program.graph().hasShapes() && !program.graph().shape(program.output()).isScalar()) {
            Shape shape = program.graph().shape(program.output());
            String id = program.outputId();
            names
                    .note(Problem
                            .of(ProblemCode.NOT_SCALAR, "the output '" + id + "' has shape " + shape + ", a gradient is that of a scalar")
                            .node(id).position(program.position(program.output())).expected("[]", shape.toString())
                            .hint("reduce it, as by sum(" + id + ")"
                                    + (mayHaveCotangent ? ", or give a \"cotangent\" of shape " + shape : "")));
        }
    }

    /** Cotangents by node, each of the node's shape in one sample, or with the samples' axis; notes what is wrong. */
    Map<Integer, Tensor> cotangents(Map<String, Tensor> values) {
        return names.findValues(values, "/cotangents", this::cotangentShapes);
    }

    /** Directions by node of perturbations added to it; one for all samples is repeated where each has its own. */
    Map<Integer, Tensor> directions(Map<String, Tensor> values, String field) {
        Map<Integer, Tensor> found = names.findValues(withoutUnmentioned(values, field), JsonPointer.of(field), this::directionShapes);
        if (samples.areReduced()) {
            found.replaceAll((node, value) -> sampled.get(node) && value.shape().equals(program.graph().shape(node))
                    ? value.repeated(samples.length())
                    : value);
        }
        return found;
    }

    /** The shape of an input as it is given, samples included. */
    Shape inputShape(int node) {
        Shape shape = program.graph().shape(node);
        return sampled.get(node) ? samples.all(shape) : shape;
    }

    private List<Shape> cotangentShapes(int node) {
        Shape shape = program.graph().shape(node);
        return samples.keepAxis() ? List.of(shape, samples.all(shape)) : List.of(shape);
    }

    private List<Shape> directionShapes(int node) {
        Shape shape = program.graph().shape(node);
        return samples.keepAxis() || samples.areReduced() && sampled.get(node) ? List.of(shape, samples.all(shape)) : List.of(shape);
    }

    /** Without values for inputs that the program never mentions, which change nothing but must have the input's shape. */
    private Map<String, Tensor> withoutUnmentioned(Map<String, Tensor> values, String field) {
        Map<String, Tensor> mentioned = new LinkedHashMap<>(values);
        values.forEach((id, value) -> {
            Tensor input = call.inputs().get(id);
            if (input != null && program.find(id) == null) {
                Shape given = input.shape();
                names.checkShape(id,
                        samples.carriedBy(id) && !given.isScalar() ? List.of(given.sub(1, given.rank()), given) : List.of(given),
                        value.shape(), JsonPointer.of(field, id));
                mentioned.remove(id);
            }
        });
        return mentioned;
    }

    /** The nodes named by {@code of}, by name; the output without it. */
    Map<String, Integer> wanted(@Nullable List<String> of) {
        Map<String, Integer> wanted = new LinkedHashMap<>();
        if (of == null) {
            wanted.put(program.outputId(), program.output());
            return wanted;
        }
        for (int i = 0; i < of.size(); i++) {
            Integer node = names.find(of.get(i), "/of/" + i);
            if (node != null) {
                wanted.put(of.get(i), node);
            }
        }
        return wanted;
    }
}
