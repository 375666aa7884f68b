package io.chainrule.service.program;

import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.print.ExpressionPrinter;
import io.chainrule.core.graph.NamedGraph;
import io.chainrule.core.tensor.Shape;
import java.util.Map;

/** Tells what programs mean that are written in the notation of other libraries or of lectures. */
public final class NotationCatalogue {
    private NotationCatalogue() {}

    /** The canonical text of a program whose inputs have these shapes. */
    public static String canonical(String written, Map<String, Shape> shapes) {
        NamedGraph program = Program.parse(written).value().bind(Shapes.of(shapes)).program();
        return ExpressionPrinter.write(program, shapes.keySet()).expression();
    }
}
