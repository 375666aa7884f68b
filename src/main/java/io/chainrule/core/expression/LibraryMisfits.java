package io.chainrule.core.expression;

import io.chainrule.core.expression.Call.Argument;
import io.chainrule.core.expression.Call.Callee.OfLibrary;
import io.chainrule.core.expression.LibraryFunction.Parameter;
import io.chainrule.core.expression.LibraryFunction.Use;
import io.chainrule.core.graph.Nearest;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tells why a call of another library's function has no form that fits, and what to write instead. */
record LibraryMisfits(NodeWriter writer, OpCalls ops) {

    Problem problem(Call call, OfLibrary callee, List<LibraryFunction> forms) {
        String written = callee.written();
        String refusal = callee.library().refusal(callee.name());
        if (forms.isEmpty()) {
            // A model may have a name that the table of bare names only refuses, but none with a path.
            return writer.problem(ProblemCode.UNKNOWN_OP, call.token, written + " is not offered here").hint(refusal)
                    .model(written.indexOf('.') < 0 ? ops.model(written) : null);
        }
        Problem misfit = misfit(call, written, forms.getFirst(), forms);
        return misfit != null
                ? misfit
                : writer.problem(ProblemCode.WRONG_ARITY, call.token, "these arguments do not fit " + written)
                        .hint(refusal != null && !isTuple(call, forms.getFirst())
                                ? refusal
                                : tuple(call, forms.getFirst(), written, forms));
    }

    private static List<Double> numbers(Call call) {
        return call.arguments.stream().filter(argument -> argument.name() == null && argument.value() instanceof Double)
                .map(argument -> (Double) argument.value()).toList();
    }

    private static String takes(String written, List<LibraryFunction> forms) {
        return "it takes " + forms.stream().map(form -> form.taken(written)).distinct().collect(Collectors.joining(" or "));
    }

    /** Returns what is wrong with the first argument that no form takes; null if each is taken by one. */
    private @Nullable Problem misfit(Call call, String written, LibraryFunction first, List<LibraryFunction> forms) {
        int position = 0;
        for (Argument argument : call.arguments) {
            String name = argument.name();
            int at = position;
            position += name == null ? 1 : 0;
            List<Parameter> parameters = forms.stream().map(form -> parameter(form, name, at)).filter(Objects::nonNull).toList();
            if (parameters.isEmpty()) {
                return name == null
                        ? writer.problem(ProblemCode.WRONG_ARITY, argument.token(), written + " takes fewer arguments without a name")
                                .hint(tuple(call, first, written, forms))
                        : writer.problem(ProblemCode.BAD_ATTRIBUTE, argument.token(), written + " has no argument '" + name + "' here")
                                .attribute(name).hint(Nearest.hint(name, parameters(forms)).orElse(takes(written, forms)));
            }
            String parameter = "argument '" + parameters.getFirst().name() + "' of " + written;
            boolean isMeaningless = argument.value() != null && parameters.stream()
                    .allMatch(one -> one.use() == Use.NONE && !argument.value().equals(one.value()));
            if (argument.value() == null && parameters.stream().allMatch(one -> one.use() != Use.OPERAND)) {
                return writer.problem(ProblemCode.BAD_ATTRIBUTE, argument.token(),
                        parameter + " is known before the program runs, as a number is, and no array")
                        .attribute(parameters.getFirst().name()).hint(pairwise(call, written));
            } else if (isMeaningless) {
                return writer.problem(ProblemCode.BAD_ATTRIBUTE, argument.token(), parameter + " has no meaning here")
                        .hint(tuple(call, first, written, forms));
            }
        }
        return null;
    }

    /** The names of all parameters. */
    static Set<String> parameters(List<LibraryFunction> forms) {
        Set<String> names = new HashSet<>();
        forms.forEach(form -> form.parameters().forEach(parameter -> names.add(parameter.name())));
        return names;
    }

    private static @Nullable Parameter parameter(LibraryFunction form, @Nullable String name, int position) {
        if (name != null) {
            return LibraryCalls.named(form, name);
        }
        List<Parameter> parameters = form.parameters();
        boolean isRest = !parameters.isEmpty() && parameters.stream().limit(position + 1L).anyMatch(Parameter::isRest);
        return isRest
                ? parameters.stream().filter(Parameter::isRest).findFirst().orElse(null)
                : position < parameters.size() ? parameters.get(position) : null;
    }

    /** Whether numbers that follow each other may be meant as one attribute. */
    private static boolean isTuple(Call call, LibraryFunction form) {
        return numbers(call).size() > 1 && form.parameters().stream().anyMatch(parameter -> parameter.use() == Use.ATTRIBUTE);
    }

    /** Suggests to write numbers that follow each other as a tuple. */
    private static String tuple(Call call, LibraryFunction form, String written, List<LibraryFunction> forms) {
        return isTuple(call, form)
                ? numbers(call).stream().map(ValueText::number).collect(Collectors.joining(", ", "write the numbers as one tuple, (", ")"))
                : takes(written, forms);
    }

    /** Suggests the op of two arrays in place of one that reduces an array. */
    private static String pairwise(Call call, String written) {
        OpDefinition op = OpCatalogue.find(written.substring(written.lastIndexOf('.') + 1));
        String prefix = written.substring(0, written.lastIndexOf('.') + 1);
        return op != null && op.callForm().isSeveral() && call.arguments.size() == 2
                ? "of two arrays, write " + prefix + op.callForm().pairwise() + "(a, b)"
                : "write the number itself, or give a loop's variable or the length of a shape";
    }
}
