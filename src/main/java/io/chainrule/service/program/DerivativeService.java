package io.chainrule.service.program;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.BoundProgram;
import io.chainrule.core.BuildLimits;
import io.chainrule.core.DerivativePrograms;
import io.chainrule.core.NodeDescription;
import io.chainrule.core.Program;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.StoredProgram;
import io.chainrule.core.Transformation;
import io.chainrule.core.code.Language;
import io.chainrule.core.print.ExpressionPrinter;
import io.chainrule.core.print.FormulaPrinter;
import io.chainrule.core.graph.Graph;
import io.chainrule.core.graph.Leaf;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Checkpoint;
import io.chainrule.core.tensor.Shape;
import io.chainrule.service.run.Functions;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Query;
import io.chainrule.service.run.Work;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Derivatives as programs. Nothing is run, so shapes are enough. */
@Service
public final class DerivativeService {
    /** The memory of a node in the four forms of an answer: text, LaTeX, MathML and nodes. */
    private static final long BYTES_A_WRITTEN_NODE = 900;
    private static final long BYTES_A_WRITTEN_NUMBER = 60;

    private final Functions functions;
    private final Limits limits;

    public DerivativeService(Functions functions, Limits limits) {
        this.functions = functions;
        this.limits = limits;
    }

    /**
     * The derivatives of the output. Inputs with neither a value nor a shape are as a model declares them, else scalars. Throws the same
     * exceptions as {@link GradientService}.
     */
    public Answer<Answer.Derivatives> derivatives(Query query, Map<String, Shape> shapes, DerivativeOptions options) {
        Signature signature = query.describing(new Transformation.Derivative(), shapes, Signature.Missing.SCALAR);
        try (Work<BoundProgram> work = functions.describe(query, signature)) {
            return functions.write(work, DerivativeService.class, () -> derivatives(work, query, options));
        }
    }

    private Answer<Answer.Derivatives> derivatives(Work<BoundProgram> work, Query query, DerivativeOptions options) {
        BoundProgram bound = work.bound();
        DerivativePrograms programs = DerivativePrograms.of(bound, work.limits());
        Map<String, Answer.Derivative> derivatives = new LinkedHashMap<>();
        AnswerSize size = new AnswerSize(query.isBase64());
        List<List<String>> paths = options.paths(bound.wrt().keySet(), Objects.requireNonNullElse(query.wrt(), List.of()));
        for (List<String> path : paths) {
            Answer.Derivative derivative = written(programs, path, options.form(), work);
            size.part(DerivativePrograms.name(path), derivative.shape())
                    .program(derivative.text(), derivative.latex(), derivative.mathml(), derivative.nodes())
                    .texts(derivative.domain())
                    .checkSoFar(limits);
            derivatives.put(DerivativePrograms.name(path), derivative);
        }
        Language language = options.format().language();
        String code = language == null
                ? null
                : programs.code(paths, language, arguments(query.source(), bound.signature().inputs().names()));
        if (code != null) {
            size.texts(List.of(code)).checkSoFar(limits);
        }
        return Answer.of(new Answer.Derivatives(bound.program().outputId(), derivatives, code), work);
    }

    /** The names that come first as arguments of code, in their order; the others follow as the program reads them. */
    private static List<String> arguments(Source source, Set<String> given) {
        return source instanceof Source.Stored(StoredProgram program)
                ? program.inputs()
                : Program.of(source, BuildLimits.GENEROUS.nesting()).parameters(given);
    }

    private Answer.Derivative written(DerivativePrograms programs, List<String> by, DerivativeForm form, Work<BoundProgram> work) {
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
        Checkpoint checkpoint = work.limits().checkpoint();
        FormulaPrinter.Both formula = FormulaPrinter.derivative(printed.program(), original.outputId(), by, checkpoint);
        return new Answer.Derivative(ExpressionPrinter.write(printed.program(), given, checkpoint),
                formula.latex(), formula.mathml(),
                printed.domain().stream().map(condition -> ExpressionPrinter.print(condition, given)).toList(), listed,
                program.id(program.output()), graph.shape(graph.size() - 1), layout(programs, by));
    }

    /** How the axes of a derivative are ordered; null where it has those of what it is differentiated by. */
    private static @Nullable String layout(DerivativePrograms programs, List<String> by) {
        List<Shape> shapes = Stream.concat(Stream.of(programs.outputShape()), by.stream().map(programs::inputShape))
                .filter(shape -> !shape.isScalar()).toList();
        return shapes.size() < 2
                ? null
                : "numerator: " + shapes.stream().map(Shape::toString).collect(Collectors.joining(", then "));
    }
}
