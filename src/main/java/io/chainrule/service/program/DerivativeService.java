package io.chainrule.service.program;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.BoundProgram;
import io.chainrule.core.DerivativePrograms;
import io.chainrule.core.NodeDescription;
import io.chainrule.core.Signature;
import io.chainrule.core.Transformation;
import io.chainrule.core.code.Language;
import io.chainrule.core.expression.ExpressionPrinter;
import io.chainrule.core.expression.LatexPrinter;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Shape;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Query;
import io.chainrule.service.run.Work;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.springframework.stereotype.Service;

/** Derivatives as programs. Nothing is run, so shapes are enough. */
@Service
public final class DerivativeService {
    /** The memory of a node in the three forms of an answer: text, LaTeX and nodes. */
    private static final long BYTES_A_WRITTEN_NODE = 500;
    private static final long BYTES_A_WRITTEN_NUMBER = 60;

    private final Functions functions;
    private final Limits limits;

    public DerivativeService(Functions functions, Limits limits) {
        this.functions = functions;
        this.limits = limits;
    }

    /**
     * The derivative of the output, a scalar, by each name. Inputs with neither a value nor a shape are taken to be scalars. Throws the
     * same exceptions as {@link GradientService}.
     */
    public Answer<Answer.Derivatives> derivatives(Query query, Map<String, Shape> shapes, DerivativeForm form,
            DerivativeFormat format) {
        Signature signature = query.describing(new Transformation.Derivative(), shapes, Signature.Missing.SCALAR);
        try (Work<BoundProgram> work = functions.describe(query, signature)) {
            BoundProgram bound = work.bound();
            DerivativePrograms programs = DerivativePrograms.of(bound, work.limits());
            Map<String, Answer.Derivative> derivatives = new LinkedHashMap<>();
            AnswerSize size = new AnswerSize(query.isBase64());
            for (String name : bound.wrt().keySet()) {
                Answer.Derivative derivative = written(programs, name, form, work);
                size.part(name, Shape.SCALAR).program(derivative.text(), derivative.latex(), derivative.nodes())
                        .texts(derivative.domain())
                        .checkSoFar(limits);
                derivatives.put(name, derivative);
            }
            Language language = format.language();
            String code = language == null ? null : programs.code(language);
            if (code != null) {
                size.texts(List.of(code)).checkSoFar(limits);
            }
            return Answer.of(new Answer.Derivatives(bound.program().outputId(), derivatives, code), work);
        }
    }

    private Answer.Derivative written(DerivativePrograms programs, String by, DerivativeForm form, Work<BoundProgram> work) {
        NamedGraph program = programs.by(by);
        Graph graph = program.graph();
        long bytes = 0;
        for (int i = 0; i < graph.size(); i++) {
            bytes += BYTES_A_WRITTEN_NODE + BYTES_A_WRITTEN_NUMBER * graph.operandCount(i)
                    + (graph.op(i) instanceof Leaf.Constant ? BYTES_A_WRITTEN_NUMBER * graph.shape(i).size() : 0);
        }
        LimitException.check("bytes", bytes, limits.bytes());
        work.limits().growth().accept(bytes);
        List<NodeDescription> listed = IntStream.range(0, graph.size()).filter(i -> !graph.isLiteral(i))
                .mapToObj(i -> NodeDescription.of(program, i, graph.shape(i))).toList();
        Set<String> given = new HashSet<>(work.inputs().keySet());
        NamedGraph original = work.bound().program();
        original.inputs().forEach(input -> given.add(original.id(input)));
        DerivativePrograms.TextbookProgram printed = form == DerivativeForm.TEXTBOOK
                ? programs.textbook(by)
                : new DerivativePrograms.TextbookProgram(program, List.of());
        return new Answer.Derivative(ExpressionPrinter.write(printed.program(), given),
                LatexPrinter.derivative(printed.program(), original.outputId(), by),
                printed.domain().stream().map(condition -> ExpressionPrinter.print(condition, given)).toList(), listed,
                program.id(program.output()));
    }
}
