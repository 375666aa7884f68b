package io.chainrule.core;

import io.chainrule.core.autodiff.Activity;
import io.chainrule.core.code.CodeProgram;
import io.chainrule.core.code.Language;
import io.chainrule.core.code.NoCodeException;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.simplify.SharedGraph;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Writes the value and the derivatives of a program in another language, and says what cannot be written. */
final class DerivativeCode {
    /** Nodes that are simplified only to find out which ones have a name. */
    private static final int MOST_NAMED_NODES = 20_000;

    private final DerivativePrograms programs;
    private final LoweredProgram lowered;
    private final BuildLimits limits;
    private final Language language;
    private final List<String> arguments;

    DerivativeCode(DerivativePrograms programs, LoweredProgram lowered, BuildLimits limits, Language language, List<String> arguments) {
        this.programs = programs;
        this.lowered = lowered;
        this.limits = limits;
        this.language = language;
        this.arguments = arguments;
    }

    /** See {@link DerivativePrograms#code}. */
    String text(List<List<String>> paths) {
        BoundProgram bound = lowered.bound();
        if (bound.samples().keepAxis()) {
            throw new ProblemException(Problem
                    .of(ProblemCode.INVALID_VALUE, language.title() + " code computes one value and its gradients, "
                            + "but with 'batch' each of the " + bound.samples().length() + " samples has a value of its own")
                    .at(Place.setting("batch"))
                    .hint("combine the samples with \"reduce\": \"mean\" or \"sum\", "
                            + "or leave out 'batch' and give the shapes of one sample"));
        }
        if (language == Language.C && !programs.outputShape().isScalar()) {
            throw new ProblemException(Problem
                    .of(ProblemCode.INVALID_VALUE, "the function in C returns a number, and the output has shape " + programs.outputShape())
                    .at(Place.setting("format")).expected("an output of shape []", programs.outputShape().toString())
                    .hint("take numpy, java or javascript, or reduce the output to a scalar, as by sum"));
        }
        CodeProgram program = program(paths);
        limits.growth().accept(program.bytes(language));
        try {
            return program.in(language, limits.checkpoint());
        } catch (NoCodeException e) {
            throw new ProblemException(problems(e));
        }
    }

    /** Says what was written that has no code, of which a refused op is perhaps only a part. */
    private List<Problem> problems(NoCodeException refused) {
        List<Problem> problems = new ArrayList<>();
        Set<String> open = new LinkedHashSet<>();
        for (NoCodeException.Refusal refusal : refused.refusals()) {
            String reason = refusal.reason();
            if (reason != null) {
                problems.add(Problem.of(ProblemCode.INVALID_VALUE, reason).hint("take another 'format', or leave it out"));
            } else if (refusal.op() != null) {
                open.add(refusal.op());
            }
        }
        NamedGraph program = lowered.bound().program();
        Graph graph = program.graph();
        Set<String> explained = new HashSet<>();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < graph.size() && !open.isEmpty(); i++) {
            if (!graph.isLeaf(i) && seen.add(graph.op(i).name())) {
                Set<String> parts = new HashSet<>(CodeProgram.parts(graph.op(i), List.of(graph.operandShapes(i))));
                parts.retainAll(open);
                if (!parts.isEmpty()) {
                    problems.add(noCode(graph.op(i).name()).node(program.id(i)).position(program.position(i)));
                }
                explained.addAll(parts);
            }
        }
        open.removeAll(explained);
        open.forEach(op -> problems.add(noCode(op)));
        return problems;
    }

    private Problem noCode(String op) {
        return Problem.of(ProblemCode.INVALID_VALUE, "there is no " + language.title() + " code for '" + op
                + "' and its derivative; the formats expression, latex and mathml show it")
                .hint("leave out 'format', or write what the program needs of it by other ops");
    }

    private CodeProgram program(List<List<String>> paths) {
        BoundProgram bound = lowered.bound();
        NamedGraph program = bound.program();
        Map<String, Shape> inputs = inputs(bound);
        Map<String, Integer> places = new HashMap<>();
        inputs.keySet().forEach(id -> places.put(id, places.size()));
        // Derivatives by nodes that are no inputs, and those of higher order, stand behind the others.
        List<List<String>> sorted = paths.stream().sorted(Comparator.comparingInt(
                path -> path.size() == 1 ? places.getOrDefault(path.getFirst(), places.size()) : places.size())).toList();
        Map<String, Integer> written = written(program);
        List<Graph> parts = new ArrayList<>(List.of(programs.part(lowered.result(program.output()))));
        sorted.forEach(path -> parts.add(programs.part(path)));
        written.values().forEach(node -> parts.add(programs.part(node)));
        SharedGraph shared = SharedGraph.of(parts, inputs, limits.derived());
        int next = 1;
        Map<String, Integer> gradients = new LinkedHashMap<>();
        for (List<String> path : sorted) {
            gradients.put(DerivativePrograms.name(path), shared.results()[next++]);
        }
        Map<String, Integer> named = new LinkedHashMap<>();
        for (String name : written.keySet()) {
            named.put(name, shared.results()[next++]);
        }
        return new CodeProgram(shared.graph(), program.outputId(), inputs.keySet().stream().map(shared.inputs()::get).toList(),
                shared.results()[0], gradients, named);
    }

    /** The shapes of the inputs: first those that the request has, in its order, and last those that a model keeps. */
    private Map<String, Shape> inputs(BoundProgram bound) {
        NamedGraph program = bound.program();
        Map<String, Shape> all = new LinkedHashMap<>();
        program.inputs().forEach(input -> all.put(program.id(input), lowered.graph().shape(lowered.image(input))));
        List<String> names = Stream.of(bound.signature().inputs().names(), arguments, all.keySet()).flatMap(Collection::stream)
                .sorted(Comparator.comparing(bound.kept()::contains)).toList();
        Map<String, Shape> ordered = new LinkedHashMap<>();
        names.forEach(name -> {
            Integer node = program.find(name);
            Shape shape = node == null ? null : all.get(program.id(node));
            if (node != null && shape != null) {
                ordered.putIfAbsent(program.id(node), shape);
            }
        });
        return ordered;
    }

    /** Nodes of the lowered graph by the names that the program gives them. Each of them is simplified, so large programs lose some. */
    private Map<String, Integer> written(NamedGraph program) {
        Map<String, Integer> written = new LinkedHashMap<>();
        if (program.isNamed(program.output())) {
            written.put(program.id(program.output()), lowered.result(program.output()));
        }
        int seen = 0;
        for (int i = 0; i < program.graph().size() && seen < MOST_NAMED_NODES; i++) {
            if (program.isNamed(i) && !program.graph().isLeaf(i) && !written.containsKey(program.id(i)) && lowered.image(i) >= 0) {
                BitSet result = new BitSet();
                result.set(lowered.image(i));
                seen += Activity.ancestors(lowered.graph(), result).cardinality();
                written.put(program.id(i), lowered.image(i));
            }
        }
        return written;
    }
}
