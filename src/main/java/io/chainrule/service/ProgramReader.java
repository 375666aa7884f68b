package io.chainrule.service;

import io.chainrule.core.expression.ExpressionParser;
import io.chainrule.core.expression.NodeListAssembler;
import io.chainrule.core.graph.JsonPointer;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.graph.Program;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** From what a client sent to a program, within the limits; shapes come later. */
@Component
final class ProgramReader {
    private final Limits limits;

    ProgramReader(Limits limits) {
        this.limits = limits;
    }

    /** {@code output} is the request's own, which wins over the program's. */
    Program read(Source source, @Nullable String output, Set<String> inputs) {
        try {
            return switch (source) {
                case Source.Text(String expression) -> ExpressionParser.parse(expression, inputs,
                        new ExpressionParser.Limits(limits.nodes(), limits.nesting()));
                case Source.Nodes nodes -> assemble(nodes, output, inputs);
            };
        } catch (LimitException e) {
            throw Limits.exceeded(e.limit(), e.asked(), e.allowed());
        }
    }

    private Program assemble(Source.Nodes source, @Nullable String output, Set<String> inputs) {
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
