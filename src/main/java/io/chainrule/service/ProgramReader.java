package io.chainrule.service;

import io.chainrule.core.expression.ExpressionParser;
import io.chainrule.core.expression.NodeListAssembler;
import io.chainrule.core.graph.JsonPointer;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** From what a client sent to a program, within the limits; shapes come later. */
@Component
final class ProgramReader {
    private final Limits limits;

    ProgramReader(Limits limits) {
        this.limits = limits;
    }

    /** The program of a call that gives values for its inputs. */
    Reading read(Call call) {
        return over(call, Workbench.shapes(call.inputs()));
    }

    /** The program of a call that needs no values; {@code shapes} stand for those that are missing. */
    Reading describe(Call call, Map<String, Shape> shapes) {
        Map<String, Shape> known = new LinkedHashMap<>(Workbench.shapes(call.inputs()));
        known.putAll(shapes);
        return limited(() -> read(call, call.source() instanceof Source.Network network ? networks(call, network).assuming(known) : known));
    }

    /** The program of a call whose inputs have these shapes, whatever their values have. */
    Reading over(Call call, Map<String, Shape> shapes) {
        return limited(() -> read(call, shapes));
    }

    private static Reading limited(Supplier<Reading> read) {
        try {
            return read.get();
        } catch (LimitException e) {
            throw Limits.exceeded(e.limit(), e);
        }
    }

    private Reading read(Call call, Map<String, Shape> shapes) {
        return switch (call.source()) {
            case Source.Text(String expression) -> Reading.of(call, ExpressionParser.parse(expression, shapes.keySet(),
                    new ExpressionParser.Limits(limits.nodes(), limits.nesting())), shapes);
            case Source.Nodes nodes -> Reading.of(call, assemble(nodes, call.output(), shapes.keySet()), shapes);
            case Source.Network network -> networks(call, network).read(shapes);
        };
    }

    private NetworkReader networks(Call call, Source.Network network) {
        return new NetworkReader(call, network, limits.nodes());
    }

    /** {@code output} is the request's own, which wins over the program's. */
    private NamedGraph assemble(Source.Nodes source, @Nullable String output, Set<String> inputs) {
        try {
            return NodeListAssembler.assemble(source.nodes(), output == null ? source.output() : output, inputs, limits.nodes());
        } catch (ProblemException e) {
            if (output == null) {
                throw e;
            }
            String graphs = JsonPointer.of("graph", "output");
            throw new ProblemException(e.problems().stream().map(problem -> moved(problem, graphs, JsonPointer.of("output"))).toList(),
                    e.total());
        }
    }

    private static Problem moved(Problem problem, String from, String to) {
        return from.equals(problem.pointer()) ? problem.pointer(to) : problem;
    }
}
